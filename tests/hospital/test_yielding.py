"""A first copy takes what the source does not feel, and never less than lets it end."""

from __future__ import annotations

import random

import pytest

from hospital.yielding import FIRST_RATE, LATE_SHARE, LEAST_RATE, Calm, next_rate

RATES = (LEAST_RATE, FIRST_RATE, 50_000_000, 2_000_000_000)
SHARES = (0.0, 0.02, 0.025, 0.03, 0.05, 0.06, 0.5, 1.0)


def test_late_is_what_a_95th_percentile_may_not_become() -> None:
    calm = Calm(tuple(float(number) for number in range(1, 101)))
    assert calm.percentile == 96.0
    assert calm.late([96.0 * 1.1] * 10, slowdown_percent=10) == 0.0
    assert calm.late([96.0 * 1.1 + 0.1] + [1.0] * 9, slowdown_percent=10) == 0.1
    assert calm.late([97.0], slowdown_percent=0) == 1.0


def test_a_source_that_is_as_calm_as_before_is_not_called_late() -> None:
    chance = random.Random(1)
    calm = Calm(tuple(chance.lognormvariate(0, 0.3) for _ in range(2000)))
    delays = [chance.lognormvariate(0, 0.3) for _ in range(2000)]
    assert calm.late(delays, slowdown_percent=10) <= LATE_SHARE


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("late", SHARES)
@pytest.mark.parametrize("bound", [0, 2_000_000, 100_000])
def test_no_rate_is_above_the_bound_nor_rises_while_writes_are_late(
    rate: int, late: float, bound: int
) -> None:
    for passed in (0.0, rate / 10, rate * 1.0):
        found = next_rate(rate, passed=passed, late=late, bound=bound)
        assert not bound or found <= bound
        assert found >= min(LEAST_RATE, bound or LEAST_RATE)
        if late > LATE_SHARE:
            assert found <= max(LEAST_RATE, rate // 2)
        elif late > LATE_SHARE / 2:
            assert found == min(rate, bound or rate)


def test_a_rate_that_the_link_does_not_carry_does_not_grow() -> None:
    assert next_rate(8_000_000, passed=1_000_000.0, late=0.0) == 8_000_000
    assert next_rate(8_000_000, passed=8_000_000.0, late=0.0) == 12_000_000


def test_a_retreat_begins_where_the_copy_really_was() -> None:
    assert next_rate(80_000_000, passed=2_000_000.0, late=1.0) == 2_000_000


def test_it_finds_the_rate_at_which_a_source_begins_to_feel_it() -> None:
    """A source that is late in proportion to the load above what it can bear."""
    bearable, rate, seen = 30_000_000, FIRST_RATE, []
    for _ in range(200):
        late = max(0.0, (rate - bearable) / bearable)
        rate = next_rate(rate, passed=float(rate), late=late)
        seen.append(rate)
    steady = seen[20:]
    assert max(steady) <= bearable * 1.5
    assert sum(steady) / len(steady) > bearable * 0.5
