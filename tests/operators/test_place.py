"""An operator corrects its own site, and never from what it read before a story began."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from play import HOME, LAB, STANDBY, THIRD

from hospital.estate import Workload
from hospital.story import Action, ActionKind, WorkloadSeen
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
