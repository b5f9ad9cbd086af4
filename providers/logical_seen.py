"""Looks at both ends of a logical move at once, and never waits long for either.

Each end is asked in a thread of its own; one that still hangs from an earlier question is not asked
again and counts as silent. Rates and seconds of lag come from what earlier looks saw.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from hospital.errors import HospitalError
from hospital.stream import EndSeen, Filled, Move, Progress, SlotSeen, StreamSeen, SubscriptionSeen
from providers.custody_acts import FILLED_MARK
from providers.logical_sql import DEFINITIONS, END, SLOT, SUBSCRIPTION
from providers.postgres import LagHistory
from providers.sessions import Door

COPYING_MARK = "copying"
PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _End:
    """What one end answers."""

    seen: EndSeen
    marks: dict[str, Any]
    slot: SlotSeen | None
    subscription: SubscriptionSeen | None
    definitions: dict[str, str]


@dataclass(slots=True)
class _Rate:
    """Bytes per second between the last two looks."""

    at: float = 0.0
    position: int = 0
    rate: float | None = None

    def note(self, now: float, position: int) -> float | None:
        """A position at a time; the rate since the one before."""
        if self.at and now > self.at:
            self.rate = max(0.0, (position - self.position) / (now - self.at))
        self.at, self.position = now, position
        return self.rate


@dataclass(slots=True)
class _Past:
    """What earlier looks at one move saw."""

    lag: LagHistory = field(default_factory=LagHistory)
    written: _Rate = field(default_factory=_Rate)
    applied: _Rate = field(default_factory=_Rate)


class Lookout:
    """Keeps what is needed between looks at many moves."""

    def __init__(self, door: Callable[[str, str], Door]) -> None:
        self._door = door
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="look")
        self._asked: dict[tuple[str, str], Future[_End]] = {}
        self._past: dict[tuple[str, str, str], _Past] = {}

    def look(self, move: Move) -> StreamSeen:
        """Both ends and the stream."""
        for cluster in (move.source, move.target):
            key = (cluster, move.database)
            if key not in self._asked:
                self._asked[key] = self._threads.submit(self._ask, cluster, move)
        wait(
            [self._asked[one, move.database] for one in (move.source, move.target)],
            PATIENCE_SECONDS,
        )
        source, target = self._answer(move.source, move), self._answer(move.target, move)
        return self._told(move, source, target)

    def close(self) -> None:
        """Wait for nobody any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _answer(self, cluster: str, move: Move) -> _End | None:
        asked = self._asked[cluster, move.database]
        if not asked.done():
            return None
        del self._asked[cluster, move.database]
        try:
            return asked.result()
        except HospitalError:
            return None

    def _ask(self, cluster: str, move: Move) -> _End:
        door = self._door(cluster, move.database)
        with door.kept() as connection:
            login, sessions, position, marks = connection.execute(END).fetchall()[0]
            slots = connection.execute(SLOT, [move.label]).fetchall()
            subscriptions = connection.execute(SUBSCRIPTION, [move.label]).fetchall()
            definitions = connection.execute(DEFINITIONS.encode()).fetchall()
        return _End(
            EndSeen(cluster, True, bool(login), sessions=int(sessions), position=int(position)),
            dict(marks or {}),
            _slot(slots[0]) if slots else None,
            SubscriptionSeen(*subscriptions[0]) if subscriptions else None,
            dict(definitions),
        )

    def _told(self, move: Move, source: _End | None, target: _End | None) -> StreamSeen:
        past = self._past.setdefault((move.name, move.source, move.target), _Past())
        slot = source.slot if source else None
        written = source.seen.position if source else None
        now = monotonic()
        if written is not None:
            past.lag.note(now, written)
        return StreamSeen(
            source=source.seen if source else EndSeen(move.source, reachable=False),
            target=target.seen if target else EndSeen(move.target, reachable=False),
            filled=Filled(target.marks.get(FILLED_MARK, Filled.NOTHING)) if target else None,
            copying=_progress(target),
            slot=slot,
            subscription=target.subscription if target else None,
            lag_bytes=max(0, written - slot.confirmed) if slot and written is not None else None,
            lag_seconds=past.lag.lag(slot.confirmed) if slot else None,
            differing=_differing(source, target),
            write_bytes_per_second=None if written is None else past.written.note(now, written),
            apply_bytes_per_second=past.applied.note(now, slot.confirmed) if slot else None,
        )


def _slot(row: tuple[Any, ...]) -> SlotSeen:
    confirmed, retained, status, active = row
    kept = None if retained is None else int(retained)
    return SlotSeen(int(confirmed or 0), kept, str(status), bool(active))


def _progress(target: _End | None) -> Progress | None:
    found = target.marks.get(COPYING_MARK) if target else None
    return Progress(*found) if found else None


def _differing(source: _End | None, target: _End | None) -> tuple[str, ...] | None:
    if source is None or target is None:
        return None
    return differing(source.definitions, target.definitions)


def differing(here: dict[str, str], there: dict[str, str]) -> tuple[str, ...]:
    """Tables that are not the same at both ends."""
    return tuple(sorted(n for n in here.keys() | there.keys() if here.get(n) != there.get(n)))
