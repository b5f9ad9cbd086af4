"""One contract for every hub: ``memory.py`` and a real Kubernetes API keep the same promises."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hospital.codec import decode, estate_from, hub_objects
from hospital.errors import RefusedError
from hospital.estate import Estate
from hospital.move import (
    Bounds,
    Method,
    Migration,
    MoveSeen,
    Order,
    Override,
    Phase,
    Rehearsal,
    Stream,
    Verb,
)
from hospital.rehearsal import Comparison
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


def _migration(**changes: Any) -> Migration:
    migration = Migration(
        name=f"his-{time.time_ns():x}",
        workload="his",
        source="campus-x86",
        target="campus-arm",
        method=Method.LOGICAL,
        database="hospital-db-arm",
        reason="contract",
        requested_by="li.wei",
        requested_at=1234.5,
        bounds=Bounds(lag_seconds=2.0, soak_seconds=60.0),
        overrides=(Override("backup-fresh", "li.wei", "a dump is at hand"),),
    )
    return replace(migration, **changes)


def _moving(hub: HubStore, name: str) -> Migration:
    return next(each for each in hub.migrations() if each.name == name)


def test_a_migration_comes_back_as_it_was_asked_for(views: Views) -> None:
    migration = _migration()
    views.hubs[0].create_migration(migration)
    assert _moving(views.hubs[1], migration.name) == migration
    with pytest.raises(RefusedError):
        views.hubs[1].create_migration(migration)


def test_where_a_migration_stands_comes_back_whole(views: Views) -> None:
    one, other = views.hubs
    migration = _migration()
    one.create_migration(migration)
    stands = replace(
        migration,
        phase=Phase.SYNC,
        since=7.0,
        message="in step",
        blocked=True,
        obeyed=3.0,
        failing=("disk",),
        rehearsal=Rehearsal(True, 6.0, "same"),
        records=(StepRecord("CopyData", StepState.DONE, 1.0, 2.5, "cloud", "done"),),
    )
    comparison = Comparison(
        migration.name, "his", "campus-x86", "campus-arm", "logical", 6.0, 2.0, True
    )
    one.record_migration(
        stands,
        seen=MoveSeen(quorum=True, stream=Stream.FLOWING, lag_seconds=0.5, lag_bytes=10),
        checks=({"id": "disk", "holds": False},),
        comparison=comparison,
    )
    assert _moving(other, migration.name) == stands
    status = other.migration_status(migration.name)
    assert (status["stream"], status["lagSeconds"]) == ("flowing", 0.5)
    assert status["checks"] == [{"id": "disk", "holds": False}]
    assert decode(Comparison, status["rehearsal"]["report"]) == comparison


def test_what_was_told_of_a_migration_stays_until_it_is_told_anew(views: Views) -> None:
    hub = views.hubs[0]
    migration = _migration()
    hub.create_migration(migration)
    hub.record_migration(migration, checks=({"id": "disk", "holds": True},))
    hub.record_migration(replace(migration, message="x"))
    assert hub.migration_status(migration.name)["checks"] == [{"id": "disk", "holds": True}]
    assert hub.migration_status("no-such-migration") == {}


def test_a_rehearsal_that_no_longer_counts_is_taken_out(views: Views) -> None:
    hub = views.hubs[0]
    migration = _migration()
    hub.create_migration(migration)
    hub.record_migration(replace(migration, rehearsal=Rehearsal(True, 6.0, "same")))
    hub.record_migration(migration)
    assert _moving(views.hubs[1], migration.name).rehearsal is None


def test_an_order_between_reading_and_writing_refuses_the_writer(views: Views) -> None:
    one, other = views.hubs
    migration = _migration()
    one.create_migration(migration)
    known = _moving(one, migration.name)
    order = Order(Verb.ROLLBACK, "li.wei", "not today", 5.0, accept_loss=True)
    other.order(migration.name, order)
    with pytest.raises(RefusedError):
        one.record_migration(replace(known, message="late"))
    known = _moving(one, migration.name)
    assert known.order == order
    one.record_migration(replace(known, message="in time"))
    assert _moving(other, migration.name).message == "in time"


def test_orders_follow_each_other(views: Views) -> None:
    hub = views.hubs[0]
    migration = _migration()
    hub.create_migration(migration)
    later = Order(Verb.CUTOVER, "li.wei", "now", 9.0)
    hub.order(migration.name, later)
    with pytest.raises(RefusedError):
        hub.order(migration.name, Order(Verb.REHEARSE, "li.wei", "before", 8.0))
    with pytest.raises(RefusedError):
        hub.order("no-such-migration", later)
    assert _moving(hub, migration.name).order == later


def test_overrides_are_added_and_stay(views: Views) -> None:
    hub = views.hubs[0]
    migration = _migration()
    hub.create_migration(migration)
    more = Override("disk", "wang.fang", "a bigger one comes tomorrow")
    hub.override(migration.name, (more,))
    assert _moving(views.hubs[1], migration.name).overrides == (*migration.overrides, more)
    with pytest.raises(RefusedError):
        hub.override("no-such-migration", (more,))
