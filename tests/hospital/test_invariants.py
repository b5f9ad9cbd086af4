"""Invariants I1, I2, I3 and I6 by enumeration: every interleaving of world, hands and crashes.

The model is one primary P and one standby S under Patroni's rules: a lease in a store, ``/sync``,
self-fencing. The world may cut P off, kill it, heal it; a client writes at P at any moment, inside
the cut site too; a step that was taken may be performed at any later moment, any number of
times, with or without its result reaching the hub (a crash). Every reachable state is visited.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

import hospital.recovery
from hospital.estate import Estate, Replication
from hospital.recovery import advance, compile_steps
from hospital.story import (
    Action,
    ActionKind,
    DatabaseSeen,
    HostSeen,
    Seen,
    SiteSeen,
    StepKind,
    StepRecord,
    StepState,
)
from hospital.verdict import Finish, Take
from stacks.estate import read_estate

LAB = read_estate(Path(__file__).parents[2] / "stacks/estates/lab.yaml")
P, S = "campus-x86-db-1", "cloud-db-1"
DB = "hospital-db"


@dataclass(frozen=True)
class World:
    """One state of everything."""

    alive: bool = True  # P's processes
    powered: bool = True
    linked: bool = True  # P reaches store and S
    accepts: bool = True  # P takes writes
    names_s: bool = True  # S is in P's synchronous_standby_names
    leader: str = P
    sync_s: bool = True  # /sync names S
    withdrawn: bool = False
    s_accepts: bool = False
    ahead: bool = False  # P acknowledged something that S does not hold
    refused: bool = False  # the BMC said no to the acting operator
    taken: frozenset[str] = frozenset()  # steps some operator may be performing, or perform again
    records: tuple[tuple[str, StepState], ...] = ()
    finished: bool = False


@dataclass(frozen=True)
class Case:
    """What is declared, and what the observers believe."""

    replication: Replication
    site_dark: bool  # else only the host is silent
    bmc_answers: bool

    @property
    def synchronous(self) -> bool:
        return self.replication is Replication.SYNCHRONOUS


# At a dark site a synchronous database is not fenced, so its BMC makes no difference. The two
# largest worlds (fence beside withdrawal, about 20,000 states) take several seconds each.
SYNC, ASYNC = Replication.SYNCHRONOUS, Replication.ASYNCHRONOUS
CASES = [
    Case(ASYNC, site_dark=True, bmc_answers=True),
    Case(ASYNC, site_dark=True, bmc_answers=False),
    Case(ASYNC, site_dark=False, bmc_answers=True),
    Case(ASYNC, site_dark=False, bmc_answers=False),
    Case(SYNC, site_dark=True, bmc_answers=False),
    pytest.param(Case(SYNC, site_dark=False, bmc_answers=True), marks=pytest.mark.slow),
    pytest.param(Case(SYNC, site_dark=False, bmc_answers=False), marks=pytest.mark.slow),
]


def estate_of(case: Case) -> Estate:
    plan = replace(LAB.plan("clinical"), workloads=(), replication=case.replication)
    database = replace(LAB.database(DB), replication=case.replication)
    return replace(LAB, plans=(plan,), databases=(database,))


def seen_of(case: Case, world: World) -> Seen:
    observers = ("campus-arm", "cloud")
    sites = tuple(SiteSeen("campus-x86", each, not case.site_dark, 9.0) for each in observers)
    hosts = tuple(HostSeen(P, each, False, 9.0) for each in observers)
    writable = S if world.s_accepts else ""
    if world.accepts and world.alive and world.linked and world.leader == P:
        writable = P
    synchronous = (S,) if world.sync_s and world.leader != S else ()
    lag = 0.0 if synchronous or not case.synchronous else None
    database = DatabaseSeen(DB, world.leader, "1", synchronous, writable, lag)
    return Seen(
        quorum=True,
        sites=sites if case.site_dark else (),
        hosts=hosts,
        databases=(database,),
        fenced=frozenset() if world.powered else frozenset({P}),
        withdrawn=frozenset({S}) if world.withdrawn else frozenset(),
        fence_refused=frozenset({P}) if world.refused else frozenset(),
    )


def streams(world: World) -> bool:
    """S receives from P."""
    return world.linked and not world.withdrawn and not world.s_accepts and world.alive


def happenings(case: Case, world: World) -> Iterator[World]:
    """Everything that the world may do by itself."""
    yield from machines(case, world)
    if world.alive and world.powered and world.accepts:
        yield written(world)
    if case.synchronous and world.alive and world.linked and world.accepts and world.leader == P:
        yield from synchronous_names(world)
    yield from leases(case, world)


def machines(case: Case, world: World) -> Iterator[World]:
    """Power, processes and links; replication follows its link."""
    up = world.alive and world.powered
    if up:
        yield replace(world, linked=not world.linked)
        yield replace(world, alive=False, accepts=False)
    if not world.alive and world.powered:
        yield replace(world, alive=True, accepts=world.leader == P, names_s=world.sync_s)
    # Nobody switches a fenced host on while its story runs (docs/runbooks), but for one case:
    if case.synchronous and not world.powered and world.leader in ("", P) and not world.sync_s:
        yield replace(world, powered=True)  # only the old primary has everything
    if world.ahead and streams(world):
        yield replace(world, ahead=False)


def synchronous_names(world: World) -> Iterator[World]:
    """What P's Patroni does while it holds the lock: out of /sync first, then out of PostgreSQL."""
    if not streams(world) and world.sync_s:
        yield replace(world, sync_s=False)
    if not world.sync_s and world.names_s:
        yield replace(world, names_s=False)
    if streams(world) and not world.ahead:
        if not world.names_s:
            yield replace(world, names_s=True)
        elif not world.sync_s:
            yield replace(world, sync_s=True)


def leases(case: Case, world: World) -> Iterator[World]:
    """Who may lead: demotion, the TTL, and the race for a free lock."""
    stored = world.alive and world.powered and world.linked
    if world.accepts and (not world.linked or world.leader not in ("", P)):
        yield replace(world, accepts=False)  # Patroni demotes a primary that lost its lock
    if world.leader == P and not stored and not world.accepts:
        yield replace(world, leader="")  # the TTL; an isolated primary demotes before it
    if world.leader == "":
        if world.sync_s or not case.synchronous:
            yield replace(world, leader=S, s_accepts=True, sync_s=False)
        if stored:
            yield replace(world, leader=P, accepts=True)


def written(world: World) -> World:
    """A client commits at P; I1 is that it is not acknowledged once S acknowledges."""
    if world.names_s and not streams(world):
        return world  # the commit waits and is never acknowledged
    assert not world.s_accepts, "I1: two primaries acknowledge"
    return world if streams(world) and world.names_s else replace(world, ahead=True)


def performed(case: Case, world: World, step: str) -> tuple[World, bool]:
    """The world after one performance of a step as the hands do it; whether it is done."""
    leads = world.leader == P and world.accepts and world.linked
    match StepKind(step.partition("/")[0]):
        case StepKind.FENCE if case.bmc_answers:
            result = replace(world, powered=False, alive=False, accepts=False), True
        case StepKind.FENCE:
            result = replace(world, refused=True), False
        case StepKind.WITHDRAW:
            result = replace(world, withdrawn=True), True
        case StepKind.EXPIRE if world.leader == P:
            result = replace(world, leader=""), True
        case StepKind.CONSENSUS:
            result = world, world.leader == S or leads
        case StepKind.PRIMARY:
            result = world, world.s_accepts or leads
        case StepKind.RESTORE:
            result = replace(world, withdrawn=False), True
        case _:
            result = world, True
    return result


class Story:
    """The core, asked at every state; its answers are remembered."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.estate = estate_of(case)
        self.plan = self.estate.plan("clinical")
        self.action = Action("a", "clinical", ActionKind.FAILOVER, "", "lost", "operator/cloud", 0)
        self.steps = compile_steps(self.estate, self.plan, self.action, seen_of(case, World()))
        self.decide = cache(self._decide)

    def _decide(
        self, records: tuple[tuple[str, StepState], ...], seen: Seen
    ) -> tuple[tuple[tuple[str, StepState], ...], frozenset[str], bool]:
        known = tuple(StepRecord(name, state, started=0.0) for name, state in records)
        action = replace(self.action, records=known)
        steps = compile_steps(self.estate, self.plan, action, seen)
        verdict = advance(self.estate, self.plan, action, steps, seen, 1.0)
        told = tuple((each.id, each.state) for each in verdict.records) or records
        taken = {step.id for step in verdict.steps} if isinstance(verdict, Take) else set()
        return told, frozenset(taken), isinstance(verdict, Finish)

    def next(self, world: World) -> Iterator[World]:
        """Every state that may follow."""
        yield from happenings(self.case, world)
        if not world.finished:
            told, taken, finished = self.decide(world.records, seen_of(self.case, world))
            yield replace(world, records=told, taken=(world.taken | taken), finished=finished)
            for step in world.taken:
                after, done = performed(self.case, world, step)
                yield after  # and the operator dies before it can say so
                if done:
                    states = dict(world.records)
                    if states[step] is StepState.INTENDED:
                        states[step] = StepState.DONE
                    yield replace(after, records=tuple(states.items()), taken=world.taken - {step})


def explored(case: Case) -> dict[World, set[World]]:
    """Every reachable state with its successors; fails on the first broken invariant."""
    story = Story(case)
    graph: dict[World, set[World]] = {}
    frontier = deque([World(names_s=case.synchronous, sync_s=case.synchronous)])
    while frontier:
        world = frontier.popleft()
        if world in graph:
            continue
        if case.synchronous:
            assert not (world.s_accepts and world.ahead), "I2: an acknowledged write is lost"
        graph[world] = set(story.next(world))
        frontier.extend(graph[world] - graph.keys())
    return graph


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_interleaving_forks_or_loses_and_every_story_can_end_in_evidence(case: Case) -> None:
    graph = explored(case)
    before: dict[World, set[World]] = {}
    for world, followers in graph.items():
        for follower in followers:
            before.setdefault(follower, set()).add(world)
    ending = {world for world in graph if world.finished}
    frontier = deque(ending)
    while frontier:
        for world in before.get(frontier.popleft(), set()) - ending:
            ending.add(world)
            frontier.append(world)
    assert set(graph) == ending, "I6: a story from which no end can be reached"
    assert any(world.s_accepts and world.finished for world in graph)
    for world in graph:
        if world.finished:
            assert all(state in hospital.recovery.SETTLED for _, state in world.records)


@pytest.mark.parametrize("dark", [True, False])
def test_the_model_finds_the_fork_when_a_lease_is_expired_without_proof(
    monkeypatch: pytest.MonkeyPatch, dark: bool
) -> None:
    monkeypatch.setattr(hospital.recovery, "may_expire", lambda *_: True)
    with pytest.raises(AssertionError, match="I1"):
        explored(Case(Replication.ASYNCHRONOUS, site_dark=dark, bmc_answers=False))


def test_the_model_finds_the_loss_when_patroni_ignores_sync(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def careless(case: Case, world: World) -> Iterator[World]:
        yield from happenings_of_patroni(case, world)
        if world.leader == "":
            yield replace(world, leader=S, s_accepts=True, sync_s=False)

    happenings_of_patroni = happenings
    monkeypatch.setitem(globals(), "happenings", careless)
    with pytest.raises(AssertionError, match=r"I1|I2"):
        explored(Case(Replication.SYNCHRONOUS, site_dark=True, bmc_answers=False))
