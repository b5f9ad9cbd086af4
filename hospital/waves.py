"""Many workloads moved in waves: who goes together, in which order, and when it may be cut over.

Pure: dates are values of the hospital's local time. What a workload calls is moved before it, or in
the same wave; no wave moves more at once than the limits allow; nobody is cut over in a freeze
window unless a person forced that one by name and reason. What cannot be moved at all is named
with its cause, never left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hospital.estimate import Estimate, Rates, converges, estimate
from hospital.freeze import Freeze, thaw
from hospital.move import Method


@dataclass(frozen=True, slots=True)
class Move:
    """One workload that is to move."""

    workload: str
    depends_on: tuple[str, ...]  # workloads that it calls; those that do not move are no matter
    method: Method = Method.LOGICAL
    size_bytes: float = 0.0
    index_bytes: float = 0.0
    write_bytes_per_second: float = 0.0
    # Moves that name the same one go together: a physical move takes along all of a cluster.
    together: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the hospital puts up with at a time."""

    concurrent: int  # workloads in one wave; a group that goes together counts as one
    bandwidth_bytes_per_second: float  # of the line, for migrations


@dataclass(frozen=True, slots=True)
class Forced:
    """A person takes on a cutover in a freeze window."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cutover:
    """When one group of a wave changes places."""

    workloads: tuple[str, ...]
    at: datetime
    pause_seconds: float  # as estimated
    forced: Forced | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """Copies side by side, then cutovers one after the other, what is called first."""

    number: int  # from 1
    workloads: tuple[str, ...]
    begins: datetime
    synced: datetime  # all of them lag by less than the bound
    cutovers: tuple[Cutover, ...]

    @property
    def ends(self) -> datetime:
        """When the last cutover is over."""
        last = self.cutovers[-1]
        return last.at + timedelta(seconds=last.pause_seconds)


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A workload that no wave can take, and why."""

    workload: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """All waves in order, and what is in none of them."""

    waves: tuple[Wave, ...]
    unplanned: tuple[Unplanned, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the first wave begins, when nothing may be cut over, and what is forced."""

    begins: datetime  # local time
    freezes: tuple[Freeze, ...] = ()
    forced: Mapping[str, Forced] = field(default_factory=dict)  # by workload
    apart: timedelta = timedelta(minutes=10)  # between two cutovers: time to look; practice
    rehearsal: timedelta = timedelta(0)  # between catching up and the first cutover


_Group = tuple[Move, ...]


def plan_waves(moves: Iterable[Move], limits: Limits, calendar: Calendar) -> Schedule:
    """The waves that move all of ``moves`` that can be moved.

    ValueError when a limit is not positive, or a workload is named twice.
    """
    known = list(moves)
    if len({move.workload for move in known}) < len(known):
        raise ValueError("a workload is named twice")
    if limits.concurrent < 1 or limits.bandwidth_bytes_per_second <= 0:
        raise ValueError("limits must be positive")
    ordered, impossible = _in_order(known, limits)
    waves: list[Wave] = []
    begins = calendar.begins
    for batch in _batches(ordered, limits):
        wave = _wave(len(waves) + 1, batch, begins, limits, calendar)
        if wave is None:
            impossible += [_never_thaws(move) for group in batch for move in group]
            continue
        waves.append(wave)
        begins = wave.ends
    return Schedule(tuple(waves), tuple(sorted(impossible, key=lambda each: each.workload)))


def _in_order(moves: Sequence[Move], limits: Limits) -> tuple[list[_Group], list[Unplanned]]:
    """Groups such that whatever one calls comes before it; without what never converges.

    Workloads that call each other in a circle are one group, as are those that go together.
    """
    band = limits.bandwidth_bytes_per_second
    groups = _groups(moves)
    able = [group for group in groups if converges(_writes(group), band)]
    unable = [
        _too_slow(move, group, band) for group in groups if group not in able for move in group
    ]
    placed: list[_Group] = []
    while able:
        left = {move.workload for group in able for move in group}
        ready = next(
            group
            for group in able
            if not _called(group) & (left - {move.workload for move in group})
        )
        placed.append(ready)
        able.remove(ready)
    return placed, unable


def _groups(moves: Sequence[Move]) -> list[_Group]:
    """What must go together: the same ``together``, or each reaches the other by calls.

    Joining what goes together may close new circles, so reach is that of the joined graph.
    """
    edges = {move.workload: set(_called((move,))) for move in moves}
    for one in moves:
        edges[one.workload] |= {
            other.workload for other in moves if one.together and one.together == other.together
        }
    reach = {name: _reachable(name, edges) for name in edges}
    groups: list[_Group] = []
    taken: set[str] = set()
    for move in sorted(moves, key=lambda each: each.workload):
        if move.workload in taken:
            continue
        names = {name for name in reach[move.workload] if move.workload in reach.get(name, set())}
        group = tuple(each for each in moves if each.workload in names | {move.workload})
        taken |= {each.workload for each in group}
        groups.append(tuple(sorted(group, key=lambda each: each.workload)))
    return groups


def _reachable(name: str, edges: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        for following in edges.get(ahead.pop(), set()) - seen:
            seen.add(following)
            ahead.append(following)
    return seen


def _batches(groups: Sequence[_Group], limits: Limits) -> Iterable[list[_Group]]:
    """As many groups at a time as the limits allow, in their order."""
    batch: list[_Group] = []
    for group in groups:
        writes = sum(_writes(each) for each in batch) + _writes(group)
        fits = converges(writes, limits.bandwidth_bytes_per_second)
        if batch and (len(batch) == limits.concurrent or not fits):
            yield batch
            batch = []
        batch.append(group)
    if batch:
        yield batch


def _wave(
    number: int, batch: list[_Group], begins: datetime, limits: Limits, calendar: Calendar
) -> Wave | None:
    """One wave on the calendar; None when some cutover never finds a free moment."""
    everything = [move for group in batch for move in group]
    found = {move.workload: _estimate(move, everything, limits) for move in everything}
    synced = begins + timedelta(seconds=max(each.total_seconds for each in found.values()))
    free = synced + calendar.rehearsal
    cutovers: list[Cutover] = []
    for group in batch:
        names = tuple(move.workload for move in group)
        pause = max(found[name].pause_seconds for name in names)
        forced = next((calendar.forced[name] for name in names if name in calendar.forced), None)
        freezes = () if forced else calendar.freezes
        at = thaw(freezes, free, timedelta(seconds=pause))
        if at is None:
            return None
        cutovers.append(Cutover(names, at, pause, forced))
        free = at + timedelta(seconds=pause) + calendar.apart
    names = tuple(move.workload for move in everything)
    return Wave(number, names, begins, synced, tuple(cutovers))


def _estimate(move: Move, wave: Sequence[Move], limits: Limits) -> Estimate:
    """With what the line leaves it: the changes of all go first, copies share the rest evenly."""
    band = limits.bandwidth_bytes_per_second
    writes = sum(each.write_bytes_per_second for each in wave)
    share = (band - writes) / len(wave)
    rates = Rates(share, move.write_bytes_per_second, share + move.write_bytes_per_second)
    return estimate(move.method, move.size_bytes, rates, index_bytes=move.index_bytes)


def _writes(group: _Group) -> float:
    return math.fsum(move.write_bytes_per_second for move in group)


def _called(group: _Group) -> set[str]:
    return {name for move in group for name in move.depends_on}


def _too_slow(move: Move, group: _Group, band: float) -> Unplanned:
    writes = _writes(group)
    return Unplanned(
        move.workload,
        f"永不追平：写入 {writes:.0f} B/s，线路 {band:.0f} B/s",
        f"never converges: {writes:.0f} B/s written, {band:.0f} B/s carried",
    )


def _never_thaws(move: Move) -> Unplanned:
    return Unplanned(
        move.workload,
        "一年内没有足够长的非冻结时段",
        "no time long enough is outside freeze windows within a year",
    )
