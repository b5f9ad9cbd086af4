"""Every reachable state of a logical migration, in a small world in which everything may die.

The world is walked breadth first: an operator dies after any write and after any effect, an effect
of a dead operator comes late, either end is cut off or lost and returns, people order whatever
they like. In every state the invariants of ``hospital/migration.py`` hold.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hospital.estate import DeclaredMigration, Estate
from hospital.itinerary import route
from hospital.migration import TERMINAL, advance, skippable
from hospital.move import (
    Act,
    Bounds,
    Method,
    Migration,
    MoveSeen,
    Order,
    Phase,
    Rehearsal,
    Stream,
    Verb,
)
from hospital.story import StepRecord, StepState
from stacks.estate import read_estate

UP, CUT, LOST = "up", "cut", "lost"
ORDERS = 2  # that people give in one story
MISFORTUNES = 1  # ends that go away in one story
LATE = frozenset({Act.FENCE, Act.OPEN, Act.FENCE_BACK, Act.OPEN_BACK, Act.TEAR_DOWN})


@dataclass(frozen=True)
class World:
    """Two ends of one database, and what of the acknowledged writes each lacks."""

    source: str = UP
    target: str = UP
    source_open: bool = True
    target_open: bool = False
    source_word: float = 0.0  # ``since`` of the phase that last opened or fenced this end
    target_word: float = 0.0
    stream: str = ""  # "", "forth", "back"
    slot_back: bool = False
    target_lacks: bool = True
    source_lacks: bool = False
    given_up: bool = False  # a person accepted that the target's last writes are lost
    zombie: tuple[Act, float] | None = None  # begun by an operator that died
    orders: int = ORDERS
    misfortunes: int = MISFORTUNES


@dataclass(frozen=True)
class State:
    migration: Migration
    world: World


def _seen(world: World) -> MoveSeen:
    both = world.source == world.target == UP
    forth = world.stream == "forth"
    lacks = world.target_lacks if forth else world.source_lacks
    return MoveSeen(
        quorum=True,
        source_open=world.source_open if world.source == UP else None,
        target_open=world.target_open if world.target == UP else None,
        stream=Stream.NONE if not world.stream else Stream.FLOWING if both else Stream.STALLED,
        lag_seconds=(9.0 if lacks else 0.0) if world.stream and both else None,
        lost_sites=frozenset(
            site for site, state in (("a", world.source), ("b", world.target)) if state == LOST
        ),
    )


def _effect(act: Act, since: float, world: World) -> World | None:  # noqa: PLR0911, PLR0912
    """The world after ``act`` was carried out; None where it cannot be."""
    source, target = world.source == UP, world.target == UP
    match act:
        case Act.SUBSCRIBE if source and target:
            return replace(world, stream="forth")
        case Act.FENCE if source:
            if since < world.source_word:
                return None
            return replace(world, source_open=False, source_word=since)
        case Act.HAND_OVER if source and target:
            if world.slot_back:
                return world
            return replace(world, target_lacks=False, stream="", slot_back=True)
        case Act.OPEN if target:
            if since < world.target_word:
                return None
            assert not world.target_lacks or world.source_open, "M2: opened without everything"
            return replace(world, target_open=True, target_word=since)
        case Act.FOLLOW if source and target:
            return replace(world, stream="back")
        case Act.FENCE_BACK if target:
            if since < world.target_word:
                return None
            return replace(world, target_open=False, target_word=since)
        case Act.HAND_BACK if source and target:
            return replace(world, source_lacks=False)
        case Act.OPEN_BACK if source:
            if since < world.source_word:
                return None
            assert not world.source_lacks or world.given_up, "M2: opened without everything"
            return replace(world, source_open=True, source_word=since)
        case Act.TEAR_DOWN if source and target:
            closed = since >= world.target_word
            return replace(
                world,
                stream="",
                slot_back=False,
                target_open=world.target_open and not closed,
                target_word=max(since, world.target_word),
            )
        case Act.RETIRE if source and target:
            return replace(world, stream="", slot_back=False)
        case (
            Act.SUBSCRIBE | Act.FENCE | Act.HAND_OVER | Act.OPEN | Act.FOLLOW | Act.FENCE_BACK
            | Act.HAND_BACK | Act.OPEN_BACK | Act.TEAR_DOWN | Act.RETIRE
        ):  # fmt: skip
            return None
        case Act.STOP | Act.WARM_BACK:
            return world if source else None
        case Act.STOP_BACK | Act.WARM | Act.CLONE | Act.START_TRIAL | Act.COMPARE | Act.END_TRIAL:
            return world if target else None
    return world if source and target else None


def _settled(migration: Migration, act: Act, state: StepState) -> Migration:
    records = tuple(
        replace(record, state=state, ended=0.0) if record.id == act else record
        for record in migration.records
    )
    rehearsed = Rehearsal(True, 0.0, "") if act is Act.COMPARE else migration.rehearsal
    return replace(migration, records=records, rehearsal=rehearsed)


def _nature(world: World) -> Iterator[World]:
    """What may happen without anybody's doing."""
    if world.source_open and world.source == UP:
        yield replace(world, target_lacks=True)
    if world.target_open and world.target == UP:
        yield replace(world, source_lacks=True)
    if world.source == world.target == UP:
        if world.stream == "forth":
            yield replace(world, target_lacks=False)
        if world.stream == "back":
            yield replace(world, source_lacks=False)
    if world.misfortunes:
        for bad in (CUT, LOST):
            less = world.misfortunes - 1
            if world.target == UP:
                yield replace(world, target=bad, misfortunes=less)
            if world.source == UP:
                yield replace(world, source=bad, misfortunes=less)
    if world.target != UP:
        yield replace(world, target=UP)
    if world.source != UP:
        yield replace(world, source=UP)
    if world.zombie is not None:
        after = _effect(*world.zombie, world)
        yield replace(after or world, zombie=None)


def _ordered(state: State) -> Iterator[State]:
    migration, world = state.migration, state.world
    if not world.orders or migration.phase in TERMINAL:
        return
    pending = migration.order is not None and migration.order.at > migration.obeyed
    if pending:
        return
    at = (migration.order.at if migration.order else 0.0) + 1
    for verb in Verb:
        for accept in (False, True) if verb is Verb.ROLLBACK else (False,):
            order = Order(verb, "a person", "because", at, force=True, accept_loss=accept)
            yield State(replace(migration, order=order), replace(world, orders=world.orders - 1))


def _turned(estate: Estate, state: State) -> Iterator[State]:
    """One turn of the conductor, which may die before or after each effect."""
    seen = _seen(state.world)
    course = advance(estate, state.migration, seen, 0.0)
    migration, world = course.migration, state.world
    order = migration.order
    if order and order.accept_loss and order.at <= migration.obeyed and world.target == LOST:
        world = replace(world, given_up=True)
    yield State(migration, world)  # died after the write
    for act in course.take:
        if world.zombie is None and act in LATE:
            yield State(migration, replace(world, zombie=(act, migration.since)))
        after = _effect(act, migration.since, world)
        if after is None:
            if skippable(migration, act, seen):
                yield State(_settled(migration, act, StepState.SKIPPED), world)
            continue
        yield State(migration, after)  # died before it could say so
        yield State(_settled(migration, act, StepState.DONE), after)


def _successors(estate: Estate, state: State) -> Iterator[State]:
    for world in _nature(state.world):
        yield State(state.migration, world)
    yield from _ordered(state)
    yield from _turned(estate, state)


def _key(state: State) -> object:
    migration = state.migration
    records = tuple((r.id, r.state) for r in migration.records if r.state is not StepState.WAITING)
    order = migration.order and (migration.order.verb, migration.order.accept_loss)
    pending = migration.order is not None and migration.order.at > migration.obeyed
    rehearsed = migration.rehearsal is not None
    return migration.phase, migration.since, records, order, pending, rehearsed, state.world


def _explore(estate: Estate, first: State, check: Callable[[State], None]) -> int:
    known = {_key(first)}
    waiting = deque([first])
    while waiting:
        state = waiting.popleft()
        check(state)
        for after in _successors(estate, state):
            key = _key(after)
            if key not in known:
                known.add(key)
                waiting.append(after)
    return len(known)


@pytest.fixture
def estate() -> Estate:
    lab = read_estate(Path("stacks/estates/lab.yaml"))
    return replace(lab, migrations=(DeclaredMigration("his", "b", "db-b"),))


def _in_step() -> State:
    """Copied, in step and rehearsed."""
    acts = route(Method.LOGICAL, Phase.SYNC, ())
    state = _first()
    migration = replace(
        state.migration,
        phase=Phase.SYNC,
        rehearsal=Rehearsal(True, 0.0, ""),
        records=tuple(StepRecord(act, StepState.DONE) for act in acts),
    )
    return State(migration, replace(state.world, stream="forth", target_lacks=False))


def _first() -> State:
    migration = Migration(
        name="m", workload="his", source="a", target="b", method=Method.LOGICAL, database="db-b",
        reason="", requested_by="", requested_at=0.0, bounds=Bounds(soak_seconds=0.0),
    )  # fmt: skip
    return State(migration, World())


def _one_end(state: State) -> None:
    world = state.world
    both = world.source_open and world.target_open
    assert not both or world.given_up, f"M1: two ends accept writes: {state}"
    if state.migration.phase is Phase.ROLLED_BACK:
        assert world.source_open and not world.target_open, state
    if state.migration.phase is Phase.COMPLETED:
        assert world.target_open and not world.source_open, state


def test_at_most_one_end_accepts_writes_and_none_is_lost(estate: Estate) -> None:
    phases: set[Phase] = set()

    def check(state: State) -> None:
        phases.add(state.migration.phase)
        _one_end(state)

    count = _explore(estate, _in_step(), check)
    print(count, phases)
    assert phases >= {Phase.SYNC, Phase.CUTOVER, Phase.REVERSE, Phase.COMPLETED, Phase.ROLLED_BACK}
