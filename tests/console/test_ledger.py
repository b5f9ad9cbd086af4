"""Every acknowledged write is in one leg, a pause is what a client waits, and ids never go back."""

from __future__ import annotations

import pytest

from console.ledger import Leg, entries, pause, sequences
from hospital.report import Call


def call(key: str, at: float, *, site: str = "here", acknowledged: bool = True) -> Call:
    return Call("his", key, at - 0.01, at, acknowledged, site, "order")


LEGS = (Leg("start", 10.0, 12.0), Leg("cutover", 20.0, 22.0))
CALLS = (
    call("before", 1.0),
    call("a", 9.9),
    call("b", 11.0),
    call("c", 20.5),
    call("d", 20.9, acknowledged=False),
    call("d", 22.1, site="there"),
    call("after", 99.0, site="there"),
)


def test_each_acknowledged_write_is_in_exactly_one_leg() -> None:
    first, second = entries(LEGS, CALLS, frozenset())
    assert (first.acknowledged, second.acknowledged) == (3, 3)
    assert second.failed == 1
    assert second.sites == (("here", 1), ("there", 2))


def test_a_pause_is_the_longest_wait_for_an_acknowledgement_that_touches_the_leg() -> None:
    served = [call(str(n), at) for n, at in enumerate((19.0, 20.5, 22.1, 22.2, 40.0))]
    assert pause(served, LEGS[1]) == pytest.approx(1.6)
    assert pause(served[:1], LEGS[1]) is None


def test_a_lost_write_belongs_to_the_leg_that_acknowledged_it() -> None:
    first, second = entries(LEGS, CALLS, frozenset({"d", "b", "never acknowledged"}))
    assert (first.lost, second.lost) == (1, 1)


def test_ids_of_orders_are_told_before_and_after() -> None:
    def line(number: int, at: float, event: str = "acknowledged") -> dict[str, object]:
        return {"event": event, "operation": "order", "id": number, "at": at, "seconds": 0.1}

    lines = [line(7, 19.0), line(8, 21.0), line(9, 23.0), line(10, 24.0), line(1, 5.0, "attempt")]
    assert sequences(lines, LEGS[1]) == (7, 9)
    assert sequences(lines[:2], LEGS[1]) is None
