"""``StreamHands`` over PostgreSQL's logical replication: copy, follow, hand over, and come back.

The stream starts exactly where the copy's snapshot ends, and is turned round while both ends are
closed, so that no change is missed and none comes twice. Only one of the two subscriptions is ever
there. What needs a superuser is done by functions of schema ``xinglin_migration``.

What must never happen: a copy that goes on after its slot was lost, a stream that is turned before
the target holds everything, tables of somebody else overwritten.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from hospital.errors import RefusedError, UnavailableError, UnsafeError
from hospital.prechecks.database import DatabaseFacts
from hospital.stream import Carried, Filled, Move, Progress, StreamSeen, TornDown, Verified
from providers import blueprint, catalogue_facts, custody_acts, publishing, sameness
from providers.carrying import carry
from providers.copying import Copier, pieces, tables
from providers.custody_acts import FILLED_MARK, TURNED_MARK, forget, mark, remember
from providers.logical_seen import COPYING_MARK, Lookout, differing
from providers.logical_sql import DEFINITIONS
from providers.migration_ports import Tell
from providers.pace import Pace
from providers.patroni import position as bytes_of
from providers.patroni import sql_answers
from providers.sessions import Credentials, Door, Place
from providers.yielding import yielding

STREAMS = 4
_TOLD_EVERY_SECONDS = 1.0


class LogicalHands:
    """Moves between clusters; ``places`` says where each is."""

    def __init__(
        self,
        places: Mapping[str, Place],
        credentials: Credentials,
        *,
        streams: int = STREAMS,
    ) -> None:
        self._places = dict(places)
        self._credentials = credentials
        self._streams = streams
        self._doors: dict[tuple[str, str], Door] = {}
        self._lookout = Lookout(self.door)

    def door(self, cluster: str, database: str) -> Door:
        """The way to a database; RefusedError for a cluster that nobody declared."""
        if cluster not in self._places:
            raise RefusedError(cluster, "no such database cluster is declared")
        key = (cluster, database)
        return self._doors.setdefault(key, Door(self._places[cluster], database, self._credentials))

    def close(self) -> None:
        """Give up every connection."""
        self._lookout.close()
        for door in self._doors.values():
            door.close()

    # -- sync

    def facts(self, move: Move, end: str) -> DatabaseFacts:
        """What one end says of itself."""
        return catalogue_facts.facts(self.door(end, move.database))

    def prepare(self, move: Move) -> None:
        """The schema at the target, without indexes; what a migration of ours filled stays."""
        source, target = self._both(move)
        if _filled(target) is not Filled.NOTHING:
            return
        if found := blueprint.strangers(target):
            raise UnsafeError(
                f"{move.target}: database {move.database} holds what is not ours: "
                + ", ".join(found[:20]),
                remedy="move it away, or name another target",
            )
        self._put_up(source, target)

    def copy(self, move: Move, tell: Tell, *, throttle: int = 0, slowdown_percent: int = 0) -> None:
        """All rows of one snapshot; one that ended half, or lost its slot, is begun anew."""
        source, target = self._both(move)
        with _alone(target, move):
            filled, slot = _filled(target), publishing.slot_status(source, move)
            if filled in (Filled.COPIED, Filled.BUILT) and slot not in ("", "lost"):
                return
            if filled is Filled.NOTHING:
                raise RefusedError(move.target, f"database {move.database} is not prepared")
            self._only_closed(target, move.target)
            self._start_clean(move, source, target, filled)
            remember(target, FILLED_MARK, Filled.COPYING)
            publishing.publish(source, move)
            with publishing.slot_with_snapshot(source, move) as snapshot:
                self._pour(
                    source, target, snapshot, _teller(target, tell),
                    throttle=throttle, slowdown_percent=slowdown_percent,
                )  # fmt: skip
            remember(target, FILLED_MARK, Filled.COPIED)

    def build(self, move: Move) -> None:
        """Indexes, constraints, triggers, statistics; those that are there are left."""
        source, target = self._both(move)
        with _alone(target, move):
            filled = _filled(target)
            if filled is Filled.BUILT:
                return
            if filled is not Filled.COPIED:
                raise RefusedError(move.target, f"database {move.database} is not copied")
            owner = _owner(target)
            blueprint.build_over(source, target, owner=owner, grants=True, streams=self._streams)
            remember(target, FILLED_MARK, Filled.BUILT)

    def subscribe(self, move: Move) -> None:
        """Changes since the snapshot begin to flow."""
        source, target = self._both(move)
        if _filled(target) is not Filled.BUILT:
            raise RefusedError(move.target, f"database {move.database} is not built")
        self._subscribe(source, target, move)

    def observe(self, move: Move) -> StreamSeen:
        """Both ends and the stream; what does not answer in time is None."""
        return self._lookout.look(move)

    # -- who may write

    def fence(self, move: Move, end: str) -> str:
        """No session of the workload's role is left and none can come."""
        return custody_acts.close(self.door(end, move.database))

    def opened(self, move: Move, end: str) -> bool:
        """Whether the workload's role may log in."""
        return custody_acts.opened(self.door(end, move.database))

    def open(self, move: Move, end: str, *, alone: bool = False) -> None:
        """Let the workload in at one end; UnsafeError while it is open at the other."""
        here, there = self.door(end, move.database), self.door(move.other(end), move.database)
        custody_acts.open_alone(here, there, move, alone=alone)

    # -- hand over

    def provide(self, move: Move) -> None:
        """Publication and slot of the way back: a slot waits for all that is under way there."""
        target = self.door(move.target, move.database)
        publishing.publish(target, move.reversed())
        publishing.make_slot(target, move.reversed())

    def drain(self, move: Move, position: str) -> bool:
        """Whether the target holds everything up to there, on disk; it is asked to hurry."""
        source, target = self._both(move)
        confirmed = publishing.confirmed(source, move)
        if confirmed is not None and confirmed >= bytes_of(position):
            return True
        for door in (target, source):
            publishing.flush(door)
        return False

    def carry(self, move: Move) -> Carried:
        """What does not flow."""
        source, target = self._closed(move)
        return carry(source, target, owner=_owner(target))

    def reverse(self, move: Move) -> None:
        """Turn the stream round; a crash in between is finished by the next call.

        The source is now the end that is fed, and what it holds is the stream's.
        """
        source, target = self._closed(move)
        if not self.turned(move):
            self._holds_everything(move, source)
            publishing.publish(target, move.reversed())
            publishing.slot_from_here(target, move.reversed())
            forget(source, TURNED_MARK)
            remember(target, TURNED_MARK, move.label)
        remember(source, FILLED_MARK, Filled.BUILT)

    def turned(self, move: Move) -> bool:
        """Whether the target held everything once and a slot stands there for what comes."""
        return mark(self.door(move.target, move.database), TURNED_MARK) == move.label

    def follow(self, move: Move) -> None:
        """The source receives what is written at the target; the stream there ends first.

        It has had nothing to send since the source was closed, and would send all of it back.
        """
        source, target = self._both(move)
        publishing.unsubscribe(target, move)
        publishing.drop_slot(source, move)
        publishing.unpublish(source, move)
        self._subscribe(target, source, move.reversed())

    def revert(self, move: Move) -> None:
        """The source is what counts again; the stream back goes with the teardown."""
        _, target = self._closed(move)
        self._holds_everything(move.reversed(), target)
        remember(target, FILLED_MARK, Filled.BUILT)

    # -- compare, rehearse, end

    def verify(self, move: Move) -> Verified:
        """Rows at both ends, indexes at the target."""
        return sameness.verify(*self._both(move))

    def clone(self, move: Move, tell: Tell) -> None:
        """The rehearsal's database, filled from a snapshot; begun anew if it is there."""
        source, target = self._both(move)
        clone = self.door(move.target, move.rehearsal)
        owner = _owner(clone)
        with _alone(clone, move):
            if _filled(clone) is Filled.NOTHING and (found := blueprint.strangers(clone)):
                raise UnsafeError(
                    f"{move.target}: database {move.rehearsal} holds what is not ours: "
                    + ", ".join(found[:20]),
                    remedy="move it away",
                )
            self._put_up(source, clone, grants=False)
            with publishing.snapshot(target) as name:
                self._pour(target, clone, name, tell)
            blueprint.build_over(source, clone, owner=owner, grants=False, streams=self._streams)
            carry(source, clone, owner=owner)  # the target has not been given it yet
            remember(clone, FILLED_MARK, Filled.BUILT)

    def drop_clone(self, move: Move) -> None:
        """Empty it; its database and its role are declared, and stay."""
        clone = self.door(move.target, move.rehearsal)
        if _filled(clone) is not Filled.NOTHING:
            blueprint.take_down(clone, owner=_owner(clone))
            forget(clone, FILLED_MARK)

    def teardown(self, move: Move, *, content: bool = False) -> TornDown:
        """Remove the stream in both directions; an end that does not answer is named."""
        removed: list[str] = []
        reached: list[tuple[str, Door]] = []
        for end in (move.source, move.target):
            door = self.door(end, move.database)
            try:
                custody_acts.opened(door)
            except UnavailableError:
                continue
            reached.append((end, door))
        if content and move.target in dict(reached):
            self._only_closed(dict(reached)[move.target], move.target)
        for act in (publishing.unsubscribe, publishing.drop_slot, publishing.unpublish):
            removed += [f"{what} at {end}" for end, door in reached for what in act(door, move)]
        for _, door in reached:
            forget(door, TURNED_MARK)
        if content and move.target in dict(reached):
            removed += self._empty(dict(reached)[move.target], move)
        known = dict(reached)
        return TornDown(
            tuple(removed), tuple(end for end in (move.source, move.target) if end not in known)
        )

    # -- within

    def _both(self, move: Move) -> tuple[Door, Door]:
        return self.door(move.source, move.database), self.door(move.target, move.database)

    def _closed(self, move: Move) -> tuple[Door, Door]:
        for end in (move.source, move.target):
            if not custody_acts.closed(self.door(end, move.database)):
                raise UnsafeError(f"{move.database} is open at {end}", remedy=f"fence {end} first")
        return self._both(move)

    def _only_closed(self, door: Door, end: str) -> None:
        if custody_acts.opened(door):
            raise UnsafeError(
                f"{door.database} is open at {end}: rows that clients write there would be lost",
                remedy=f"fence it at {end} first",
            )

    def _holds_everything(self, move: Move, source: Door) -> None:
        fenced, confirmed = custody_acts.fenced_at(source), publishing.confirmed(source, move)
        if fenced is None or confirmed is None or confirmed < bytes_of(fenced):
            raise UnsafeError(
                f"{move.target} does not hold everything that {move.source} had at {fenced}",
                remedy="wait until it is drained",
            )

    def _start_clean(self, move: Move, source: Door, target: Door, filled: Filled) -> None:
        for door in (source, target):
            publishing.end_copiers(door)
        publishing.unsubscribe(target, move)
        publishing.drop_slot(source, move)
        here, there = (door.pairs(DEFINITIONS) for door in (source, target))
        if filled is not Filled.PREPARED or differing(here, there):
            self._put_up(source, target)

    def _put_up(self, source: Door, target: Door, *, grants: bool = True) -> None:
        owner = _owner(target)
        remember(target, FILLED_MARK, Filled.COPYING)
        forget(target, COPYING_MARK)
        blueprint.take_down(target, owner=owner)
        blueprint.put_up(source, target, owner=owner, grants=grants)
        remember(target, FILLED_MARK, Filled.PREPARED)

    def _pour(
        self, source: Door, target: Door, snapshot: str, tell: Tell, *, throttle: int = 0,
        slowdown_percent: int = 0,
    ) -> None:  # fmt: skip
        with source.connect("plan") as connection, sql_answers(str(source.place)):
            found = [table for table in tables(connection) if not table.unlogged]
        parts, pace = pieces(found, streams=self._streams), Pace(throttle)
        copier = Copier(
            source, target, snapshot=snapshot, streams=self._streams, pace=pace, tell=tell
        )
        size = sum(piece.bytes for piece in parts)
        with yielding(source, pace, size=size, slowdown_percent=slowdown_percent, bound=throttle):
            copier.run(parts)

    def _subscribe(self, source: Door, target: Door, move: Move) -> None:
        status = publishing.slot_status(source, move)
        if status in ("", "lost"):
            raise RefusedError(
                move.source, f"slot {move.label} is {status or 'not there'}: copy again"
            )
        publishing.subscribe(target, source.place, self._credentials, move)

    def _empty(self, target: Door, move: Move) -> list[str]:
        if _filled(target) is Filled.NOTHING:
            return []
        blueprint.take_down(target, owner=_owner(target))
        for name in (FILLED_MARK, COPYING_MARK):
            forget(target, name)
        return [f"content of {move.database} at {move.target}"]


def _owner(door: Door) -> str:
    return str(door.one("SELECT xinglin_migration.owner()"))


def _filled(door: Door) -> Filled:
    return Filled(str(mark(door, FILLED_MARK) or Filled.NOTHING))


@contextmanager
def _alone(target: Door, move: Move) -> Iterator[None]:
    """Nobody else copies or builds here meanwhile; UnavailableError if somebody does."""
    with target.connect("copying alone") as connection, sql_answers(str(target.place)):
        query = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
        row = connection.execute(query, [f"xinglin fill {target.database}"]).fetchone()
        if not row or not row[0]:
            raise UnavailableError(
                str(target.place), f"{move.database} is being filled by somebody else"
            )
        yield
        # The server notices a closed connection some time later; the next step comes at once.
        connection.execute("SELECT pg_advisory_unlock_all()")


def _teller(target: Door, tell: Tell) -> Tell:
    """Tell, and once a second keep it at the target for whoever looks."""
    told = [0.0]

    def both(progress: Progress) -> None:
        tell(progress)
        now = time.monotonic()
        if now - told[0] >= _TOLD_EVERY_SECONDS or progress.done_bytes == progress.total_bytes:
            told[0] = now
            values = [progress.done_bytes, progress.total_bytes, progress.table]
            remember(target, COPYING_MARK, values)

    return both
