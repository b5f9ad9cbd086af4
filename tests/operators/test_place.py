"""An operator corrects its own site, and never from what it read before a story began."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from play import HOME, LAB, STANDBY, THIRD

from hospital.estate import Workload
from hospital.story import (
    Action,
    ActionKind,
    ActionPhase,
    StepKind,
    StepRecord,
    StepState,
    WorkloadSeen,
)
from operators.place import Place
from providers.memory import PlayedClock, SiteHands, World
from providers.watch import Watch
from stacks.estate import read_estate

SWITCHOVER = Action(
    name="a",
    plan="clinical",
    kind=ActionKind.SWITCHOVER,
    target=STANDBY,
    reason="test",
    requested_by="li.wei",
    requested_at=1000.0,
)


@pytest.fixture
def world() -> World:
    return World(read_estate(LAB), clock=PlayedClock(1000.0))


def _place(hands: Any) -> Place:
    watch = Watch(STANDBY, hands=hands, now=lambda: 0.0, today=lambda: 0.0, crew=None)
    return Place(STANDBY, hands=hands, watch=watch, today=lambda: 0.0)


def test_what_runs_where_it_does_not_belong_is_stopped(world: World) -> None:
    world.places["his", STANDBY].replicas = 2
    assert _place(SiteHands(world, STANDBY)).correct(world.estate) == ("his: 2 → 0 replicas",)


def test_a_story_that_begins_while_places_are_read_is_not_corrected(world: World) -> None:
    hands = SiteHands(world, STANDBY)
    survey = hands.workloads.survey

    def slow(workloads: Iterable[Workload], *, site: str) -> tuple[WorkloadSeen, ...]:
        """A busy cluster's answer: meanwhile another operator begins to move the workload."""
        SiteHands(world, THIRD).hub.create_action(SWITCHOVER)
        world.places["his", STANDBY].replicas = 2
        return survey(workloads, site=site)

    hands.workloads.survey = slow  # type: ignore[method-assign]
    assert _place(hands).correct(world.estate) == ()
    assert world.places["his", STANDBY].replicas == 2
    assert world.places["his", HOME].replicas == 2


class Fence:
    """The first database's standby refuses its primary, or not."""

    def __init__(self, world: World) -> None:
        self._database = world.estate.databases[0]
        self._hosts = [world.estate.host(name) for name in self._database.members[:2]]
        self.hands = SiteHands(world, STANDBY)
        self.place = _place(self.hands)
        self._estate = world.estate

    def set(self) -> None:
        primary, standby = self._hosts
        self.hands.databases.withdraw(self._database, candidate=standby, from_host=primary)

    def holds_after_a_round(self) -> bool:
        self.place.lift_withdrawals(self._estate)
        primary, standby = self._hosts
        return self.hands.databases.withdrawn(self._database, candidate=standby, from_host=primary)

    def story(self, restored: StepState) -> Action:
        """A finished failover that withdrew the standby."""
        primary, standby = self._hosts
        states = {
            f"{StepKind.WITHDRAW}/{standby.id}": StepState.DONE,
            f"{StepKind.EXPIRE}/{primary.id}": StepState.DONE,
            f"{StepKind.RESTORE}/{standby.id}": restored,
        }
        records = tuple(StepRecord(step, state, started=1.0) for step, state in states.items())
        return replace(
            SWITCHOVER, kind=ActionKind.FAILOVER, phase=ActionPhase.COMPLETED, records=records
        )


def test_a_fence_that_a_person_set_is_not_lifted(world: World) -> None:
    fence = Fence(world)
    fence.set()
    assert fence.holds_after_a_round()
    fence.hands.hub.create_action(fence.story(StepState.DONE))
    assert fence.holds_after_a_round()


def test_what_a_story_could_not_restore_is_lifted_once(world: World) -> None:
    fence = Fence(world)
    fence.set()
    fence.hands.hub.create_action(fence.story(StepState.SKIPPED))
    assert not fence.holds_after_a_round()
    fence.set()
    assert fence.holds_after_a_round()
