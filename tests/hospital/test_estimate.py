"""Times of a migration agree with what a simulation second by second gives."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hospital.estimate import HEADROOM, PAUSE_SECONDS, Estimate, Rates, converges, estimate
from hospital.move import Method

RATE = st.floats(1e3, 1e10)
SIZE = st.floats(0, 1e14)


def simulated(backlog: float, rates: Rates, bound: float) -> float:
    """Seconds until what is behind is at most ``bound``, in small steps."""
    step = backlog / rates.apply / 2000
    seconds = 0.0
    while backlog > bound:
        backlog += (rates.write - rates.apply) * step
        seconds += step
    return seconds


def made(
    size: float, rates: Rates, *, index: float = 0.0, method: Method = Method.LOGICAL
) -> Estimate:
    return estimate(method, size, rates, index_bytes=index)


def test_a_copy_takes_its_bytes_by_its_rate() -> None:
    found = made(10e9, Rates(copy=100e6, write=0, apply=100e6))
    assert found.copy_seconds == pytest.approx(100)
    assert found.catch_up_seconds == 0
    assert found.pause_seconds == PAUSE_SECONDS[Method.LOGICAL]


def test_indexes_are_built_only_where_rows_are_copied() -> None:
    rates = Rates(copy=100e6, write=0, apply=100e6)
    assert made(10e9, rates, index=1e9).index_seconds > 0
    assert made(10e9, rates, index=1e9, method=Method.PHYSICAL).index_seconds == 0


def test_a_standby_that_follows_is_not_copied_again() -> None:
    rates = Rates(copy=100e6, write=1e6, apply=100e6)
    found = estimate(Method.PHYSICAL, 1e12, rates, standing=True)
    assert found.total_seconds == 0
    assert found.pause_seconds == PAUSE_SECONDS[Method.PHYSICAL]


@given(st.floats(1e6, 1e9), st.floats(0.01, 0.95), st.floats(1e9, 1e12))
def test_catching_up_takes_what_a_simulation_takes(apply: float, share: float, size: float) -> None:
    rates = Rates(copy=apply, write=apply * share, apply=apply)
    found = made(size, rates)
    slow = simulated(found.backlog_bytes, rates, rates.write * 5.0)
    assert found.catch_up_seconds == pytest.approx(slow, rel=0.01, abs=0.1)


@given(st.floats(1e6, 1e9), st.floats(0.01, 0.95), st.floats(1e10, 1e12))
def test_the_rounds_are_those_that_halving_by_hand_counts(
    apply: float, share: float, size: float
) -> None:
    rates = Rates(copy=apply, write=apply * share, apply=apply)
    found = made(size, rates)
    behind, rounds = found.backlog_bytes, 0
    while behind > rates.write * 5.0 * (1 + 1e-9):
        behind *= rates.write / rates.apply
        rounds += 1
    assert abs(found.rounds - rounds) <= 1  # a bound that is met exactly may be rounded either way


@given(SIZE, RATE, RATE, RATE)
def test_it_never_converges_exactly_where_writes_outrun_the_stream(
    size: float, copy: float, write: float, apply: float
) -> None:
    found = made(size, Rates(copy, write, apply))
    behind = found.backlog_bytes > write * 5.0
    assert found.converges is not (behind and write >= apply)
    assert math.isinf(found.total_seconds) is not found.converges
    assert found.needed_bytes_per_second == pytest.approx(write * HEADROOM)


@given(SIZE, RATE, RATE, st.floats(1, 100))
def test_a_faster_line_is_never_slower(size: float, band: float, write: float, more: float) -> None:
    slow = made(size, Rates(band, write, band))
    fast = made(size, Rates(band * more, write, band * more))
    assert fast.total_seconds <= slow.total_seconds * (1 + 1e-9)


@given(SIZE, RATE, st.floats(0, 1e10))
def test_the_pause_is_at_least_its_fixed_part_and_bounded_by_the_lag(
    size: float, band: float, write: float
) -> None:
    found = made(size, Rates(band, write, band))
    assert found.pause_seconds >= PAUSE_SECONDS[Method.LOGICAL]
    if converges(write, band):
        assert found.pause_seconds <= PAUSE_SECONDS[Method.LOGICAL] + 5.0


@pytest.mark.parametrize("rates", [Rates(0, 1, 1), Rates(1, 1, 0), Rates(1, -1, 1)])
def test_rates_that_cannot_be_are_refused(rates: Rates) -> None:
    with pytest.raises(ValueError, match="positive"):
        made(1, rates)
