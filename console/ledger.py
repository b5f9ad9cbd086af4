"""What the client of a migration was promised, leg by leg, and whether all of it is there.

Pure, over the calls of a client's journal. The pause is the longest time between two acknowledged
writes, whoever failed or merely waited in it; a write that was acknowledged and is not in the
hospital afterwards is lost, and belongs to the leg in which it was acknowledged.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rich.table import Table

from hospital.report import Call


@dataclass(frozen=True, slots=True)
class Leg:
    """One order of a person, with the time around it in which clients felt it."""

    title: str
    began: float  # epoch seconds
    ended: float


@dataclass(frozen=True, slots=True)
class Entry:
    """What one workload's clients lived in one leg."""

    leg: Leg
    acknowledged: int
    failed: int  # and repeated by the client
    sites: tuple[tuple[str, int], ...]  # who acknowledged, in the order of first appearance
    pause_seconds: float | None  # None: fewer than two writes were acknowledged
    lost: int


def entries(legs: Iterable[Leg], calls: Sequence[Call], lost: frozenset[str]) -> tuple[Entry, ...]:
    """The ledger of one workload's ``calls``; ``lost`` are acknowledged keys that are gone.

    Each call belongs to one entry: a leg reaches to the next one's beginning, the first one back to
    the client's start.
    """
    known = tuple(legs)
    begins = [-math.inf, *(leg.began for leg in known[1:]), math.inf]
    return tuple(
        _entry(leg, [call for call in calls if since <= call.ended < until], calls, lost)
        for leg, since, until in zip(known, begins, begins[1:], strict=False)
    )


def pause(calls: Iterable[Call], leg: Leg) -> float | None:
    """The longest time between two acknowledged writes that touches the leg."""
    served = sorted(call.ended for call in calls if call.acknowledged)
    gaps = [
        later - earlier
        for earlier, later in pairwise(served)
        if later >= leg.began and earlier <= leg.ended
    ]
    return max(gaps, default=None)


def sequences(lines: Iterable[dict[str, Any]], leg: Leg) -> tuple[int, int] | None:
    """The highest id of an order before the leg, and the lowest after it; None if either lacks.

    A sequence that was not carried would give ids out again.
    """
    orders = [
        line for line in lines if line["event"] == "acknowledged" and line["operation"] == "order"
    ]
    before = [int(line["id"]) for line in orders if line["at"] < leg.began]
    after = [int(line["id"]) for line in orders if line["at"] - line["seconds"] > leg.ended]
    return (max(before), min(after)) if before and after else None


def table(found: Iterable[Entry]) -> Table:
    """The ledger for people."""
    shown = Table(
        "步骤 / leg", "确认 / acknowledged", "重试 / repeated", "应答站点 / answered by",
        "停写 / pause", "丢失 / lost",
    )  # fmt: skip
    for each in found:
        sites = ", ".join(f"{site} {count}" for site, count in each.sites)
        told = "—" if each.pause_seconds is None else f"{each.pause_seconds:.2f} s"
        colour = "red" if each.lost else "green"
        shown.add_row(
            each.leg.title, str(each.acknowledged), str(each.failed), sites, told,
            f"[{colour}]{each.lost}[/]",
        )  # fmt: skip
    return shown


def _entry(leg: Leg, mine: Sequence[Call], calls: Sequence[Call], lost: frozenset[str]) -> Entry:
    served = [call for call in mine if call.acknowledged]
    return Entry(
        leg=leg,
        acknowledged=len({call.key for call in served}),
        failed=sum(not call.acknowledged for call in mine),
        sites=tuple(Counter(call.site for call in served).items()),
        pause_seconds=pause(calls, leg),
        lost=len({call.key for call in served} & lost),
    )
