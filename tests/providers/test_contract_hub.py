"""One contract for every hub: ``memory.py`` and a real Kubernetes API keep the same promises."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hospital.codec import estate_from, hub_objects
from hospital.errors import RefusedError
from hospital.estate import Estate
from hospital.story import Action, ActionKind, ActionPhase, StepRecord, StepState
from providers.hub import Hub
from providers.kubernetes import PULUMI
from providers.memory import SiteHands, World
from providers.ports import HubStore, Lease, LeaseStore
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"


@dataclass
class Views:
    """The same hub as two operators see it."""

    estate: Estate
    one: Any
    other: Any

    @property
    def hubs(self) -> tuple[HubStore, HubStore]:
        return self.one, self.other

    @property
    def leases(self) -> tuple[LeaseStore, LeaseStore]:
        return self.one, self.other


@pytest.fixture(params=["memory", pytest.param("kubernetes", marks=pytest.mark.lab)])
def views(request: pytest.FixtureRequest) -> Iterator[Views]:
    estate = read_estate(LAB)
    if request.param == "memory":
        world = World(estate)
        yield Views(estate, SiteHands(world, "cloud").hub, SiteHands(world, "campus-arm").hub)
        return
    server = request.getfixturevalue("api_server")
    cluster = server.cluster()
    declared = [
        {
            "apiVersion": "xinglin.dev/v1alpha1",
            "kind": item.kind,
            "metadata": {"name": item.name},
            "spec": item.spec,
        }
        for item in hub_objects(estate)
    ]
    cluster.apply(declared, field_manager=PULUMI)
    yield Views(estate, Hub(cluster), Hub(server.cluster()))


def _action(**changes: Any) -> Action:
    action = Action(
        name=f"clinical-{time.time_ns():x}",
        plan="clinical",
        kind=ActionKind.SWITCHOVER,
        target="cloud",
        reason="contract",
        requested_by="li.wei",
        requested_at=1234.5,
    )
    return replace(action, **changes)


def _find(hub: HubStore, name: str) -> Action:
    return next(action for action in hub.actions() if action.name == name)


def test_the_declared_estate_comes_back(views: Views) -> None:
    found = estate_from(views.hubs[0].declared())
    assert set(found.workloads) == set(views.estate.workloads)
    assert set(found.plans) == set(views.estate.plans)
    assert set(found.sites) == set(views.estate.sites)
    assert set(found.databases) == set(views.estate.databases)


def test_an_action_comes_back_as_it_was_asked_for(views: Views) -> None:
    action = _action()
    views.hubs[0].create_action(action)
    assert _find(views.hubs[1], action.name) == action


def test_a_name_is_given_once(views: Views) -> None:
    action = _action()
    views.hubs[0].create_action(action)
    with pytest.raises(RefusedError):
        views.hubs[1].create_action(action)


def test_records_come_back_whole(views: Views) -> None:
    one, other = views.hubs
    action = _action()
    one.create_action(action)
    records = (
        StepRecord("StartWorkload/his", StepState.DONE, 1.25, 2.5, "cloud", "done", site="cloud"),
        StepRecord("AwaitWorkload/his", StepState.WAITING, site="cloud"),
    )
    _find(one, action.name)
    one.record(action.name, records=records, phase="Running", message="taking")
    found = _find(other, action.name)
    assert found.records == records
    assert (found.phase, found.message) == (ActionPhase.RUNNING, "taking")


def test_of_two_writers_the_slower_is_refused(views: Views) -> None:
    one, other = views.hubs
    action = _action()
    one.create_action(action)
    _find(one, action.name)
    _find(other, action.name)
    one.record(action.name, records=(), phase="Running", message="one")
    with pytest.raises(RefusedError):
        other.record(action.name, records=(), phase="Running", message="other")
    _find(other, action.name)
    other.record(action.name, records=(), phase="Running", message="other")
    assert _find(one, action.name).message == "other"


def test_places_start_at_home_and_are_kept(views: Views) -> None:
    one, other = views.hubs
    assert one.active_sites()["hrp"] == "campus-arm"
    one.set_active(subject="his", site="cloud")
    one.set_active(subject="database/hospital-db", site="cloud-db-1")
    found = other.active_sites()
    assert (found["his"], found["database/hospital-db"]) == ("cloud", "cloud-db-1")
    one.set_active(subject="his", site="campus-x86")


def test_status_is_merged_and_may_be_told_of_what_is_gone(views: Views) -> None:
    one, _ = views.hubs
    action = _action()
    one.create_action(action)
    _find(one, action.name)
    one.record(action.name, records=(), phase="Completed", message="end")
    one.set_status("RecoveryAction", action.name, status={"rtoSeconds": 1.5})
    assert _find(one, action.name).phase is ActionPhase.COMPLETED
    one.set_status("RecoveryAction", "never-was", status={"rtoSeconds": 1.5})


def test_an_event_is_taken(views: Views) -> None:
    views.hubs[0].announce("Site", "cloud", reason="Tested", message="by the contract")


def test_a_lease_is_compared_and_swapped(views: Views) -> None:
    one, other = views.leases
    name = f"contract-{time.time_ns():x}"
    lease = Lease(name, holder="one", renewed=100.5, duration_seconds=1.5, annotations={"a": "b"})
    first = one.write(lease)
    with pytest.raises(RefusedError):
        other.write(replace(lease, holder="other"))
    second = other.write(replace(first, holder="other"))
    with pytest.raises(RefusedError):
        one.write(replace(first, holder="one"))
    assert second.version != first.version
    (kept,) = [each for each in one.leases() if each.name == name]
    assert (kept.holder, kept.renewed, kept.duration_seconds) == ("other", 100.5, 1.5)
    assert kept.annotations["a"] == "b"
    assert kept.version == second.version
