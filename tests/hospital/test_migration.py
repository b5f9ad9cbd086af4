"""Every state that a migration can reach: crashes, faults and orders at every point.

A tiny world applies what steps do, whole or late, while operators die after every write and after
every effect. In each state that is found the invariants of ``hospital/migration.py`` are asserted;
from each, a healed world and an order to go back must lead to an end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from hospital.custody import held
from hospital.estate import DeclaredMigration, Estate
from hospital.gate import LAPSE_SECONDS
from hospital.itinerary import begun, settled
from hospital.migration import TERMINAL, advance
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
from hospital.safeguards import skippable
from hospital.story import StepRecord, StepState
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
SOURCE, TARGET = "campus-x86", "campus-arm"
NOW = 1000.0
ORDERS, FAULTS, WRITES = 2, 1, 1


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


def _both(world: World) -> bool:
    return world.source.up and world.target.up


def _closed(world: World) -> bool:
    return _both(world) and not world.source.open and not world.target.open


def _copied(world: World) -> World | None:
    if not _both(world) or world.target.open:
        return None
    return replace(world, forward=True, target=replace(world.target, rows=world.source.rows))


def _opened(world: World, name: str) -> World | None:
    end: End = getattr(world, name)
    other = world.target if name == "source" else world.source
    if not end.up or (other.up and other.open):
        return None
    return replace(world, **{name: replace(end, open=True)})


def _fenced(world: World, name: str) -> World | None:
    end: End = getattr(world, name)
    return replace(world, **{name: replace(end, open=False)}) if end.up else None


def _handed_over(world: World) -> World | None:
    world = world.flow()
    if not _closed(world) or world.target.rows < world.source.rows:
        return None
    return replace(world, back=True, forward=False)


def _handed_back(world: World) -> World | None:
    return world.flow() if _closed(world) and world.back else None


def _torn_down(world: World) -> World | None:
    if not _both(world):
        return None
    return replace(world, forward=False, back=False, target=End(False, 0))


_AT_TARGET = frozenset(
    {Act.PREPARE, Act.BUILD, Act.CLONE, Act.START_TRIAL, Act.COMPARE, Act.END_TRIAL, Act.WARM}
    | {Act.STOP_BACK}
)
_AT_SOURCE = frozenset({Act.WARM_BACK, Act.STOP})
_EFFECTS: Mapping[Act, Callable[[World], World | None]] = {
    Act.COPY: _copied,
    Act.SUBSCRIBE: lambda world: world.flow() if world.forward and _both(world) else None,
    Act.FENCE: lambda world: _fenced(world, "source"),
    Act.FENCE_BACK: lambda world: _fenced(world, "target"),
    Act.HAND_OVER: _handed_over,
    Act.HAND_BACK: _handed_back,
    Act.OPEN: lambda world: _opened(world, "target"),
    Act.OPEN_BACK: lambda world: _opened(world, "source"),
    Act.FOLLOW: lambda world: world.flow() if world.back and _both(world) else None,
    Act.TEAR_DOWN: _torn_down,
    Act.RETIRE: lambda world: replace(world, back=False) if world.source.up else None,
}


def effect(act: Act, world: World) -> World | None:
    """What a step does, with the ports' own refusals; None where it cannot be done now."""
    if act in _AT_TARGET:
        return world if world.target.up else None
    if act in _AT_SOURCE:
        return world if world.source.up else None
    found = _EFFECTS.get(act)
    return world if found is None else found(world)


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
    late: Act | None = None  # CHECK: nothing is, or will be
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
    at = migration.order.at + 1 if migration.order else NOW
    return replace(migration, order=Order(verb, "li.wei", "test", at, **more))


def orders(state: State) -> Iterator[State]:
    """What people may order next: one order at a time, whatever makes sense and what does not."""
    migration = state.migration
    if migration.order is not None and migration.order.at > migration.obeyed:
        return
    given = 0 if migration.order is None else int(migration.order.at - NOW) + 1
    if given >= ORDERS:
        return
    for verb in Verb if migration.phase not in (Phase.ROLLBACK, Phase.FINALIZE) else ():
        if verb is Verb.REHEARSE and migration.rehearsal is not None:
            continue
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
        elif state.faults < FAULTS:
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
    if state.late in (None, Act.CHECK) or state.migration.phase in TERMINAL:
        return
    assert state.late is not None
    done = effect(state.late, state.world)
    yield replace(state, late=None, world=state.world if done is None else done)


def moves(state: State) -> Iterator[State]:
    if state.migration.phase not in TERMINAL:
        yield from turns(state)
        yield from orders(state)
        yield from faults(state)
    yield from arrivals(state)
    if state.world.written < WRITES + 1:
        yield replace(state, world=state.world.write())
    yield replace(state, world=state.world.flow())


def explore(start: State) -> dict[State, State | None]:
    """Every state that can be reached, with the one from which it was found first."""
    found: dict[State, State | None] = {start: None}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        for each in moves(state):
            if each not in found:
                found[each] = state
                queue.append(each)
    return found


@cache
def calm() -> dict[State, State | None]:
    """A whole life, with every order and every death, where no end is ever lost."""
    return explore(State(asked(), World(), faults=FAULTS, late=Act.CHECK))


@cache
def lossy() -> dict[State, State | None]:
    """From a rehearsed migration on: either end is lost at any moment, and comes back."""
    return explore(State(rehearsed(), World(target=End(False, 1), forward=True), late=Act.CHECK))


@cache
def tardy() -> dict[State, State | None]:
    """From a rehearsed migration on: what a dead operator began happens at any later moment."""
    return explore(State(rehearsed(), World(target=End(False, 1), forward=True), faults=FAULTS))


def rehearsed() -> Migration:
    steps = (Act.PREPARE, Act.COPY, Act.BUILD, Act.SUBSCRIBE, Act.CATCH_UP)
    records = tuple(StepRecord(act, StepState.DONE) for act in steps)
    passed = Rehearsal(True, NOW, "same")
    return asked(phase=Phase.SYNC, records=records, rehearsal=passed)


def test_a_cutover_that_is_held_back_for_long_must_be_ordered_again() -> None:
    open_again = MoveSeen(quorum=True, source_open=True, stream=Stream.FLOWING, lag_seconds=0.0)
    frozen = replace(open_again, frozen="freeze window 'clinic hours' is open")
    waiting = ordered(rehearsed(), Verb.CUTOVER)

    def after(seconds: float, seen: MoveSeen, migration: Migration) -> Migration:
        return advance(estate(), migration, seen, NOW + seconds).migration

    held_back = after(LAPSE_SECONDS - 1, frozen, waiting)
    assert held_back.blocked
    assert "clinic hours" in held_back.message
    lapsed = after(LAPSE_SECONDS + 1, frozen, held_back)
    assert after(LAPSE_SECONDS - 1, open_again, held_back).phase is Phase.CUTOVER
    later = after(LAPSE_SECONDS + 2, open_again, lapsed)
    assert later.phase is Phase.SYNC
    assert "the cutover that li.wei ordered was not taken up" in later.message


pytestmark = pytest.mark.slow
SCENARIOS = pytest.mark.parametrize(
    "scenario", [calm, lossy, tardy], ids=lambda each: each.__name__
)


def story(found: dict[State, State | None], state: State) -> str:
    """How a state was reached, for whoever reads a failure."""
    steps: list[str] = []
    at: State | None = state
    while at is not None:
        done = " ".join(f"{each.id}:{each.state}" for each in at.migration.records)
        steps.append(f"{at.migration.phase} {done} | {at.world} late={at.late}")
        at = found[at]
    return "\n".join(reversed(steps))


@SCENARIOS
def test_two_ends_never_accept_writes(scenario: object) -> None:
    found = scenario()  # type: ignore[operator]
    for state in found:
        world = state.world
        assert world.given_up or not (world.source.open and world.target.open), story(found, state)


@SCENARIOS
def test_an_end_that_accepts_writes_holds_every_acknowledged_write(scenario: object) -> None:
    found = scenario()  # type: ignore[operator]
    for state in found:
        for end in (state.world.source, state.world.target):
            if end.open and not state.world.given_up:
                assert end.rows == state.world.written, story(found, state)


@SCENARIOS
def test_what_is_over_is_open_at_one_end(scenario: object) -> None:
    found = scenario()  # type: ignore[operator]
    ends = {Phase.COMPLETED: (False, True), Phase.ROLLED_BACK: (True, False)}
    for state in found:
        wanted = ends.get(state.migration.phase)
        if wanted is not None:
            world = state.world
            assert (world.source.open, world.target.open) == wanted, story(found, state)


@SCENARIOS
def test_recovery_keeps_off_while_the_source_is_not_where_it_lives(scenario: object) -> None:
    found = scenario()  # type: ignore[operator]
    for state in found:
        world = state.world
        at_source = world.source.open and not world.target.open
        if at_source or world.given_up:
            continue
        migration = state.migration
        if scenario is tardy:  # what came late is seen before it is said
            migration = advance(estate(), migration, sight(world, migration), NOW).migration
        assert held(estate(), (migration,)) == {"his": "m"}, story(found, state)


@SCENARIOS
def test_a_healed_world_and_an_order_lead_back_from_everywhere(scenario: object) -> None:
    found = scenario()  # type: ignore[operator]
    for state in found:
        if state.migration.phase in TERMINAL:
            continue
        forward = state.migration.phase is Phase.FINALIZE
        ended = heal(state)
        wanted = Phase.COMPLETED if forward else Phase.ROLLED_BACK
        assert ended.migration.phase is wanted, story(found, state) + f"\nthen {ended}"
        if not state.world.given_up:
            end = ended.world.target if forward else ended.world.source
            assert end.rows == ended.world.written, story(found, state)


def heal(state: State) -> State:
    """Both ends are back, what was late has arrived, a person orders the way back."""
    state = next(arrivals(state), state)
    world = state.world
    world = replace(
        world, source=replace(world.source, up=True), target=replace(world.target, up=True)
    )
    migration = state.migration
    if migration.phase is not Phase.ROLLBACK:
        migration = ordered(migration, Verb.ROLLBACK)
    for _ in range(60):
        if migration.phase in TERMINAL:
            break
        seen = sight(world, migration)
        course = advance(estate(), migration, seen, NOW)
        migration = still(course.migration)
        for act in course.take:
            done = effect(act, world)
            if done is not None:
                world, migration = done, told(migration, act, StepState.DONE)
            elif reason := skippable(migration, act, seen):
                migration = told(migration, act, StepState.SKIPPED, reason)
        world = world.flow()
    return replace(state, migration=migration, world=world, late=None)


LAWFUL = {
    Phase.PENDING: {Phase.PRECHECK, Phase.REFUSED, Phase.ROLLBACK, Phase.ROLLED_BACK},
    Phase.PRECHECK: {Phase.SYNC, Phase.ROLLBACK},
    Phase.SYNC: {Phase.REHEARSE, Phase.CUTOVER, Phase.ROLLBACK},
    Phase.REHEARSE: {Phase.SYNC, Phase.ROLLBACK},
    Phase.CUTOVER: {Phase.REVERSE, Phase.ROLLBACK},
    Phase.REVERSE: {Phase.FINALIZE, Phase.ROLLBACK},
    Phase.FINALIZE: {Phase.COMPLETED},
    Phase.ROLLBACK: {Phase.ROLLED_BACK},
}


def test_phases_follow_each_other_as_they_say_and_every_way_is_taken() -> None:
    taken: dict[Phase, set[Phase]] = {}
    for found in (calm(), lossy(), tardy()):
        for state in found:
            for each in moves(state):
                before, after = state.migration.phase, each.migration.phase
                if before is not after:
                    taken.setdefault(before, set()).add(after)
    not_here = {Phase.PENDING: {Phase.REFUSED, Phase.ROLLED_BACK}}
    for phase, after in LAWFUL.items():
        assert taken[phase] <= after
        assert taken[phase] >= after - not_here.get(phase, set()), phase
