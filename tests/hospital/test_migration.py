"""Every state that a migration can reach: crashes, faults and orders at every point.

A tiny world applies what steps do, whole or late, while operators die after every write and after
every effect. In each state that is found the invariants of ``hospital/migration.py`` are asserted;
from each, a healed world and an order to go back must lead to an end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from hospital.estate import DeclaredMigration, Estate
from hospital.itinerary import begun, settled
from hospital.migration import TERMINAL, advance
from hospital.move import (
    Act,
    Bounds,
    Method,
    Migration,
    MoveSeen,
    Order,
    Rehearsal,
    Stream,
    Verb,
)
from hospital.safeguards import skippable
from hospital.story import StepRecord, StepState
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
SOURCE, TARGET = "campus-x86", "campus-arm"
NOW = 1000.0


@cache
def estate() -> Estate:
    lab = read_estate(LAB)
    declared = DeclaredMigration("his", TARGET, "hospital-db-arm")
    return replace(lab, migrations=(declared,))


def asked(method: Method = Method.LOGICAL, **changes: object) -> Migration:
    found = Migration(
        name="m",
        workload="his",
        source=SOURCE,
        target=TARGET if method is Method.LOGICAL else "cloud",
        method=method,
        database="hospital-db-arm" if method is Method.LOGICAL else "hospital-db",
        reason="test",
        requested_by="li.wei",
        requested_at=1.0,
        bounds=Bounds(soak_seconds=0.0),
    )
    return replace(found, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class End:
    """One end of the database; ``rows`` is how many of all acknowledged writes it holds."""

    open: bool
    rows: int
    up: bool = True


@dataclass(frozen=True)
class World:
    """Two ends, the slots at either, and which way rows flow."""

    source: End = End(True, 1)
    target: End = End(False, 0)
    written: int = 1  # acknowledged writes, numbered: an end holds the first ``rows`` of them
    forward: bool = False  # a slot at the source, from which the target is fed
    back: bool = False  # a slot at the target
    given_up: bool = False  # a person accepted a loss

    def write(self) -> World:
        """A client writes wherever it may; one write for each open end: two open ends fork."""
        if self.source.open and self.source.up:
            return replace(
                self, written=self.written + 1, source=replace(self.source, rows=self.written + 1)
            )
        if self.target.open and self.target.up:
            return replace(
                self, written=self.written + 1, target=replace(self.target, rows=self.written + 1)
            )
        return self

    def flow(self) -> World:
        """The stream moves as far as it can."""
        if not (self.source.up and self.target.up):
            return self
        if self.forward and not self.target.open:
            rows = max(self.target.rows, self.source.rows)
            return replace(self, target=replace(self.target, rows=rows))
        if self.back and not self.source.open:
            rows = max(self.source.rows, self.target.rows)
            return replace(self, source=replace(self.source, rows=rows))
        return self


def effect(act: Act, world: World) -> World | None:  # noqa: PLR0911, PLR0912
    """What a step does, with the ports' own refusals; None where it cannot be done now."""
    source, target = world.source, world.target
    match act:
        case Act.PREPARE | Act.BUILD | Act.CLONE | Act.START_TRIAL | Act.COMPARE | Act.END_TRIAL:
            return world if target.up else None
        case Act.COPY:
            if not (source.up and target.up) or target.open:
                return None
            return replace(world, forward=True, target=replace(target, rows=source.rows))
        case Act.SUBSCRIBE:
            return world.flow() if world.forward and source.up and target.up else None
        case Act.FENCE:
            return replace(world, source=replace(source, open=False)) if source.up else None
        case Act.FENCE_BACK:
            return replace(world, target=replace(target, open=False)) if target.up else None
        case Act.HAND_OVER:
            if not (source.up and target.up) or source.open or target.open:
                return None
            world = world.flow()
            if world.target.rows < world.source.rows:
                return None
            return replace(world, back=True, forward=False)
        case Act.HAND_BACK:
            if not (source.up and target.up) or source.open or target.open or not world.back:
                return None
            return world.flow()
        case Act.OPEN:
            if not target.up or (source.up and source.open):
                return None
            return replace(world, target=replace(target, open=True))
        case Act.OPEN_BACK:
            if not source.up or (target.up and target.open):
                return None
            return replace(world, source=replace(source, open=True))
        case Act.FOLLOW:
            return world.flow() if world.back and source.up and target.up else None
        case Act.TEAR_DOWN:
            if not (source.up and target.up):
                return None
            return replace(
                world, forward=False, back=False, target=replace(target, open=False, rows=0)
            )
        case Act.RETIRE:
            return replace(world, forward=False, back=False) if source.up else None
        case Act.WARM | Act.STOP_BACK:
            return world if target.up else None
        case Act.WARM_BACK | Act.STOP:
            return world if source.up else None
        case _:
            return world


def sight(world: World, migration: Migration) -> MoveSeen:
    """What an operator sees of the world."""
    source, target = world.source, world.target
    back = settled(migration.records, Act.HAND_OVER)
    fed, slot = (target, world.back) if back else (source, world.forward)
    made = begun(migration.records, Act.FOLLOW if back else Act.SUBSCRIBE)
    if not fed.up:
        stream = Stream.STALLED
    elif not slot:
        stream = Stream.LOST if begun(migration.records, Act.SUBSCRIBE) else Stream.NONE
    elif not made:
        stream = Stream.NONE
    else:
        stream = Stream.FLOWING if source.up and target.up else Stream.STALLED
    behind = abs(source.rows - target.rows)
    lost = {name for name, end in ((SOURCE, source), (TARGET, target)) if not end.up}
    return MoveSeen(
        quorum=True,
        source_open=source.open if source.up else None,
        target_open=target.open if target.up else None,
        stream=stream,
        lag_seconds=float(behind) if stream is Stream.FLOWING else None,
        lost_sites=frozenset(lost),
    )


@dataclass(frozen=True)
class State:
    """The hub, the world, and an effect that a dead operator left under way."""

    migration: Migration
    world: World
    late: Act | None = None
    faults: int = 0  # so far


def told(migration: Migration, act: Act, state: StepState, detail: str = "") -> Migration:
    records = tuple(
        replace(each, state=state, ended=NOW, detail=detail) if each.id == act else each
        for each in migration.records
    )
    found = replace(migration, records=records)
    if act is Act.COMPARE and state is StepState.DONE:
        found = replace(found, rehearsal=Rehearsal(True, NOW, "same"))
    return found


def ordered(migration: Migration, verb: Verb, **more: bool) -> Migration:
    at = migration.order.at + 1 if migration.order else 1.0
    return replace(migration, order=Order(verb, "li.wei", "test", at, **more))


def orders(state: State) -> Iterator[State]:
    """What people may order next: one order at a time, whatever makes sense and what does not."""
    migration = state.migration
    if migration.order is not None and migration.order.at > migration.obeyed:
        return
    given = 0 if migration.order is None else int(migration.order.at)
    if given >= 3:
        return
    for verb in Verb:
        yield replace(state, migration=ordered(migration, verb))
    if not state.world.target.up:
        world = replace(state.world, given_up=True)
        again = ordered(migration, Verb.ROLLBACK, accept_loss=True)
        yield replace(state, migration=again, world=world)


def faults(state: State) -> Iterator[State]:
    """What the world does by itself: ends are lost, and come back."""
    world = state.world
    for name in ("source", "target"):
        end: End = getattr(world, name)
        if not end.up:
            yield replace(state, world=replace(world, **{name: replace(end, up=True)}))
        elif state.faults < 1:
            lost = replace(world, **{name: replace(end, up=False)})
            yield replace(state, world=lost, faults=state.faults + 1)


def turns(state: State) -> Iterator[State]:
    """One turn of any operator, ended by its death at every point."""
    migration = replace(state.migration, since=NOW - 1)
    seen = sight(state.world, migration)
    course = advance(estate(), migration, seen, NOW)
    after = still(course.migration)
    wrote = replace(state, migration=after)
    yield wrote  # died after the write
    for act in course.take:
        done = effect(act, state.world)
        if done is None:
            reason = skippable(after, act, seen)
            if reason:
                yield replace(wrote, migration=told(after, act, StepState.SKIPPED, reason))
            continue
        yield replace(wrote, world=done)  # died after the effect
        yield replace(wrote, migration=told(after, act, StepState.DONE), world=done)
        if state.late is None and act in (Act.OPEN, Act.OPEN_BACK, Act.FENCE, Act.FENCE_BACK):
            yield replace(wrote, late=act)  # died, and its effect comes later


def still(migration: Migration) -> Migration:
    """Without times and words, so that the same state is found once."""
    records = tuple(
        StepRecord(each.id, each.state, started=None if each.started is None else NOW)
        for each in migration.records
    )
    order = migration.order
    return replace(migration, since=0.0, message="", blocked=False, records=records, order=order)


def arrivals(state: State) -> Iterator[State]:
    """The late effect arrives, as long as nothing is over."""
    if state.late is None or state.migration.phase in TERMINAL:
        return
    done = effect(state.late, state.world)
    yield replace(state, late=None, world=state.world if done is None else done)


def moves(state: State) -> Iterator[State]:
    if state.migration.phase not in TERMINAL:
        yield from turns(state)
        yield from orders(state)
        yield from faults(state)
    yield from arrivals(state)
    if state.world.written < 3:
        yield replace(state, world=state.world.write())
    yield replace(state, world=state.world.flow())


@cache
def reached() -> dict[State, State | None]:
    """Every state that can be reached, with the one from which it was found first."""
    start = State(asked(), World())
    found: dict[State, State | None] = {start: None}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        for each in moves(state):
            if each not in found:
                found[each] = state
                queue.append(each)
    return found
