"""``StreamHands`` in memory: two clusters with rows, logs, slots and the right to write.

For tests and ``simulate``: it has the dangers of the real thing. A slot that is gone loses changes,
sequences do not flow, a row that is in the way stops the stream, and an end that is opened while
the other is open would fork the rows, which this twin refuses as the real hands do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hospital.errors import RefusedError, UnavailableError, UnsafeError
from hospital.prechecks.database import DatabaseFacts
from hospital.stream import (
    Carried,
    EndSeen,
    Filled,
    Move,
    Progress,
    SlotSeen,
    StreamSeen,
    SubscriptionSeen,
    TableSame,
    TornDown,
    Verified,
)
from providers.migration_ports import Tell
from providers.patroni import lsn
from providers.patroni import position as bytes_of

TABLE = "public.rows"


@dataclass(slots=True)
class MemoryEnd:
    """One database at one cluster."""

    rows: dict[str, str] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)  # every change, in order
    sequence: int = 0  # the last number that it gave out
    open: bool = False
    slot: int | None = None  # changes of the log that the other end has confirmed
    turned: bool = False  # it held everything of the other end, which it feeds now
    subscribed: bool = False
    apply_errors: int = 0
    filled: Filled = Filled.NOTHING
    columns: tuple[str, ...] = ("key", "value")

    def put(self, key: str, value: str) -> None:
        """Change one row."""
        self.rows[key] = value
        self.log.append((key, value))


class MemoryStreams:
    """All databases of all clusters, and the hands over them.

    Fault switches: ``dead`` clusters do not answer, ``cut`` severs the ends from each other,
    ``copy_breaks`` ends the next copy half-way.
    """

    def __init__(self, *, reaches: Callable[[str], bool] = lambda _: True) -> None:
        self._reaches = reaches
        self._ends: dict[tuple[str, str], MemoryEnd] = {}
        self.dead: set[str] = set()
        self.cut = False
        self.copy_breaks = False
        self.throttle = self.slowdown_percent = 0  # of the last copy

    # -- the world, as its users and its faults see it

    def end(self, cluster: str, database: str) -> MemoryEnd:
        """A database, made empty and closed if it is not there yet."""
        return self._ends.setdefault((cluster, database), MemoryEnd())

    def write(self, cluster: str, database: str, *, key: str, value: str) -> bool:
        """A client writes; whether it was acknowledged."""
        end = self.end(cluster, database)
        if cluster in self.dead or not end.open:
            return False
        end.sequence += 1
        end.put(key, value)
        return True

    def flow(self, move: Move) -> None:
        """Let the stream move as far as it can, as it does by itself."""
        for way in (move, move.reversed()):
            source, target = self._both(way)
            if self.cut or self.dead & {way.source, way.target} or not target.subscribed:
                continue
            while source.slot is not None and source.slot < len(source.log):
                if source.columns != target.columns:
                    target.apply_errors += 1
                    break
                target.put(*source.log[source.slot])
                source.slot += 1

    # -- the port

    def facts(self, move: Move, end: str) -> DatabaseFacts:
        """What a server in memory knows of itself."""
        if not self._answer(end):
            return DatabaseFacts()
        found = self._at(end, move)
        own = 2 if found.rows and found.filled is Filled.NOTHING else 0  # a table and a sequence
        return DatabaseFacts(
            exists=True, standby=False, user_objects=own, sequences=("public.numbers",)
        )

    def prepare(self, move: Move) -> None:
        """The schema at the target; a copy that is there stays."""
        source, target = self._answering(move)
        if target.filled is not Filled.NOTHING:
            return
        if target.rows:
            raise UnsafeError(
                f"{move.target}: database {move.database} holds tables that are not ours: {TABLE}",
                remedy="move them away, or name another target",
            )
        target.columns, target.filled = source.columns, Filled.PREPARED

    def copy(self, move: Move, tell: Tell, *, throttle: int = 0, slowdown_percent: int = 0) -> None:
        """All rows of one snapshot; bounds are remembered."""
        self.throttle, self.slowdown_percent = throttle, slowdown_percent
        source, target = self._answering(move)
        if target.filled in (Filled.COPIED, Filled.BUILT):
            return
        if target.filled is Filled.NOTHING:
            raise RefusedError(move.target, f"database {move.database} is not prepared")
        target.rows, target.log, target.filled = {}, [], Filled.COPYING
        source.slot = len(source.log)
        total = len(source.rows)
        for done, (key, value) in enumerate(source.rows.items(), start=1):
            target.put(key, value)
            tell(Progress(done, total, TABLE))
            if self.copy_breaks:
                self.copy_breaks = False
                raise UnavailableError(move.source, "the copy ended half-way")
        target.filled = Filled.COPIED

    def build(self, move: Move) -> None:
        """Indexes and the like."""
        _, target = self._answering(move)
        if target.filled not in (Filled.COPIED, Filled.BUILT):
            raise RefusedError(move.target, f"database {move.database} is not copied")
        target.filled = Filled.BUILT

    def subscribe(self, move: Move) -> None:
        """From the slot on."""
        source, target = self._answering(move)
        if source.slot is None:
            raise RefusedError(move.source, f"slot {move.label} is gone: copy again")
        target.subscribed = True
        self.flow(move)

    def observe(self, move: Move) -> StreamSeen:
        """Both ends and the stream."""
        self.flow(move)
        source, target = self._seen(move.source, move), self._seen(move.target, move)
        there, fed = self._both(move)
        both = source.reachable and target.reachable
        slot = there.slot if source.reachable else None
        return StreamSeen(
            source=source,
            target=target,
            filled=fed.filled if target.reachable else None,
            slot=None if slot is None else _slot(there, active=fed.subscribed and not self.cut),
            subscription=_subscription(fed, self.cut) if target.reachable else None,
            lag_bytes=None if slot is None else len(there.log) - slot,
            lag_seconds=None if slot is None else float(len(there.log) - slot),
            differing=_differing(there, fed) if both else None,
        )

    def fence(self, move: Move, end: str) -> str:
        """Nobody writes here any more."""
        found = self._answers(move, end)
        found.open = False
        return lsn(len(found.log))

    def opened(self, move: Move, end: str) -> bool:
        """Whether clients may write."""
        return self._answers(move, end).open

    def open(self, move: Move, end: str, *, alone: bool = False) -> None:
        """Let clients write; never while they may at the other end."""
        found, other = self._answers(move, end), move.other(end)
        if self._answer(other):
            if self.end(other, move.database).open:
                raise UnsafeError(
                    f"{move.database} is open at {other}", remedy=f"fence it at {other} first"
                )
        elif not alone:
            raise UnavailableError(other, "no answer, and nobody knows that it is closed")
        found.open, found.filled = True, Filled.NOTHING

    def provide(self, move: Move) -> None:
        """A slot for the way back, too early: what flows in lies behind it."""
        target = self._answers(move, move.target)
        if target.slot is None:
            target.slot = len(target.log)

    def drain(self, move: Move, position: str) -> bool:
        """Whether the target has confirmed everything up to there."""
        self.flow(move)
        source, _ = self._answering(move)
        return source.slot is not None and source.slot >= bytes_of(position)

    def carry(self, move: Move) -> Carried:
        """The sequence."""
        source, target = self._closed(move)
        target.sequence = source.sequence
        return Carried(sequences=(("public.numbers", source.sequence, True),))

    def reverse(self, move: Move) -> None:
        """From now on the target feeds."""
        source, target = self._closed(move)
        if not target.turned:
            if source.slot is None or source.slot < len(source.log):
                raise UnsafeError(
                    f"{move.target} does not hold everything of {move.source}",
                    remedy="wait until it is drained",
                )
            target.slot = len(target.log)
            source.turned, target.turned = False, True
        source.filled = Filled.BUILT

    def turned(self, move: Move) -> bool:
        """Whether the target feeds."""
        return self._answers(move, move.target).turned

    def follow(self, move: Move) -> None:
        """The source receives."""
        source, target = self._answering(move)
        source.slot, target.subscribed = None, False
        self.subscribe(move.reversed())

    def revert(self, move: Move) -> None:
        """The source counts, the target is a copy."""
        _, target = self._closed(move)
        if target.slot is None or target.slot < len(target.log):
            raise UnsafeError(
                f"{move.source} does not hold everything of {move.target}",
                remedy="wait until it is drained",
            )
        target.filled = Filled.BUILT

    def verify(self, move: Move) -> Verified:
        """Compare row by row."""
        source, target = self._answering(move)
        keys = sorted(source.rows.keys() | target.rows.keys())
        differing = tuple(key for key in keys if source.rows.get(key) != target.rows.get(key))
        table = TableSame(TABLE, len(source.rows), len(target.rows), differing)
        return Verified((table,), indexes=1, broken_indexes=(), reordered=())

    def clone(self, move: Move, tell: Tell) -> None:
        """Fill the rehearsal's database."""
        source, target = self._answers(move, move.source), self._answers(move, move.target)
        clone = self.end(move.target, move.rehearsal)
        clone.rows, clone.filled, clone.open = dict(target.rows), Filled.BUILT, True
        clone.columns, clone.sequence = target.columns, source.sequence
        tell(Progress(len(target.rows), len(target.rows), TABLE))

    def drop_clone(self, move: Move) -> None:
        """Empty it."""
        self._answers(move, move.target)
        self._ends[move.target, move.rehearsal] = MemoryEnd()

    def teardown(self, move: Move, *, content: bool = False) -> TornDown:
        """Remove the stream in both directions, and the target's rows if told."""
        reached = [name for name in (move.source, move.target) if self._answer(name)]
        target = self.end(move.target, move.database)
        if content and move.target in reached and target.open:
            raise UnsafeError(
                f"{move.database} is open at {move.target}", remedy="fence it there first"
            )
        removed = [found for name in reached for found in _removed(name, self._at(name, move))]
        if content and move.target in reached and target.filled is not Filled.NOTHING:
            self._ends[move.target, move.database] = MemoryEnd()
            removed.append(f"content of {move.database} at {move.target}")
        unreached = tuple(name for name in (move.source, move.target) if name not in reached)
        return TornDown(tuple(removed), unreached)

    # -- within

    def _at(self, cluster: str, move: Move) -> MemoryEnd:
        return self.end(cluster, move.database)

    def _both(self, move: Move) -> tuple[MemoryEnd, MemoryEnd]:
        return self._at(move.source, move), self._at(move.target, move)

    def _answer(self, cluster: str) -> bool:
        return cluster not in self.dead and self._reaches(cluster)

    def _answers(self, move: Move, cluster: str) -> MemoryEnd:
        if not self._answer(cluster):
            raise UnavailableError(cluster, "no answer")
        return self._at(cluster, move)

    def _answering(self, move: Move) -> tuple[MemoryEnd, MemoryEnd]:
        return self._answers(move, move.source), self._answers(move, move.target)

    def _closed(self, move: Move) -> tuple[MemoryEnd, MemoryEnd]:
        source, target = self._answering(move)
        for name, end in ((move.source, source), (move.target, target)):
            if end.open:
                raise UnsafeError(f"{move.database} is open at {name}", remedy=f"fence {name}")
        return source, target

    def _seen(self, cluster: str, move: Move) -> EndSeen:
        if not self._answer(cluster):
            return EndSeen(cluster, reachable=False)
        end = self._at(cluster, move)
        sessions = 1 if end.open else 0
        return EndSeen(cluster, True, end.open, sessions=sessions, position=len(end.log))


def _slot(end: MemoryEnd, *, active: bool) -> SlotSeen:
    confirmed = end.slot or 0
    return SlotSeen(confirmed, len(end.log) - confirmed, "reserved", active)


def _subscription(end: MemoryEnd, cut: bool) -> SubscriptionSeen | None:
    if not end.subscribed:
        return None
    return SubscriptionSeen(enabled=True, running=not cut, apply_errors=end.apply_errors)


def _differing(source: MemoryEnd, target: MemoryEnd) -> tuple[str, ...]:
    return () if source.columns == target.columns else (TABLE,)


def _removed(cluster: str, end: MemoryEnd) -> list[str]:
    found = [f"subscription at {cluster}"] if end.subscribed else []
    found += [] if end.slot is None else [f"slot at {cluster}"]
    end.subscribed, end.slot, end.turned = False, None, False
    return found
