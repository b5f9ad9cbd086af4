"""The world in memory is no kinder than the real one: each danger is there to be met."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Database, Host, Replication
from providers.memory import PlayedClock, Rates, SiteHands, World
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
HOME, STANDBY, THIRD = "campus-x86", "cloud", "campus-arm"
NAME = "hospital-db"


def _world(replication: Replication = Replication.SYNCHRONOUS) -> World:
    estate = read_estate(LAB)
    bases = tuple(replace(base, replication=replication) for base in estate.databases)
    return World(replace(estate, databases=bases), clock=PlayedClock(100.0))


def _cast(world: World) -> tuple[Database, Host, Host]:
    base = world.estate.database(NAME)
    return base, world.estate.host(base.members[0]), world.estate.host(base.members[1])


def _pass(world: World, seconds: float) -> None:
    for _ in range(round(seconds * 10)):
        world.clock.sleep(0.1)
        world.happen()


def test_a_write_is_on_both_sides_when_it_is_acknowledged() -> None:
    world = _world()
    row = world.write(NAME)
    assert row is not None
    assert all(row in member.log for member in world.clusters[NAME].members.values())


def test_a_dark_site_costs_the_whole_ttl_if_nobody_helps() -> None:
    world = _world()
    _pass(world, 2)
    world.lose(HOME)
    _pass(world, 19)
    assert world.write(NAME) is None
    _pass(world, 3)
    assert world.write(NAME) is not None
    assert world.lost_writes(NAME) == ()


def test_an_isolated_synchronous_primary_acknowledges_nothing() -> None:
    world = _world()
    world.cut(HOME)
    assert world.write(NAME, site=HOME) is None


def test_an_isolated_asynchronous_primary_acknowledges_and_loses() -> None:
    world = _world(Replication.ASYNCHRONOUS)
    _pass(world, 1)
    world.cut(HOME)
    assert world.write(NAME, site=HOME) is not None
    _pass(world, 25)
    assert world.lost_writes(NAME) != ()


def test_a_primary_without_its_store_fences_itself() -> None:
    world = _world(Replication.ASYNCHRONOUS)
    world.cut(HOME)
    _pass(world, Rates().retry_timeout + 0.5)
    assert world.write(NAME, site=HOME) is None


def test_expiring_without_fence_or_withdrawal_loses_acknowledged_writes() -> None:
    world = _world(Replication.ASYNCHRONOUS)
    _pass(world, 1)
    world.cut(HOME)
    base, old, _ = _cast(world)
    hands = SiteHands(world, STANDBY).databases
    _pass(world, 1.2)
    seen = hands.observe(base)
    hands.expire(base, leader=old.id, lease=seen.lease, synchronous=seen.synchronous)
    _pass(world, 1)
    assert world.write(NAME, site=HOME) is not None  # two primaries acknowledge
    assert world.write(NAME) is not None
    assert world.lost_writes(NAME) != ()


def test_a_withdrawn_candidate_lets_the_old_primary_acknowledge_nothing() -> None:
    world = _world()
    base, old, candidate = _cast(world)
    hands = SiteHands(world, STANDBY).databases
    hands.withdraw(base, candidate=candidate, from_host=old)
    assert hands.withdrawn(base, candidate=candidate, from_host=old)
    assert world.write(NAME) is None
    hands.restore(base, candidate=candidate, from_host=old)
    assert world.write(NAME) is not None


def test_a_standby_that_is_gone_for_long_leaves_the_synchronous_names() -> None:
    world = _world()
    _pass(world, 1)
    world.lose(STANDBY)
    _pass(world, 2)
    assert world.write(NAME) is not None
    assert world.clusters[NAME].synchronous == ()


def test_expire_spares_any_other_lease() -> None:
    world = _world()
    base, old, _ = _cast(world)
    hands = SiteHands(world, STANDBY).databases
    seen = hands.observe(base)
    names = seen.synchronous
    hands.expire(base, leader=old.id, lease="beef", synchronous=names)
    hands.expire(base, leader="cloud-db-1", lease=seen.lease, synchronous=names)
    with pytest.raises(UnavailableError):  # its candidates changed since they were judged
        hands.expire(base, leader=old.id, lease=seen.lease, synchronous=())
    assert hands.observe(base).leader == old.id
    assert world.write(NAME) is not None


def test_a_switchover_hands_over_every_row() -> None:
    world = _world()
    base, _, target = _cast(world)
    rows = [world.write(NAME) for _ in range(5)]
    token = SiteHands(world, THIRD).databases.switchover(base, target=target)
    assert token.timeline == 2
    assert token.lsn == f"0/{len(rows):X}"
    assert world.clusters[NAME].leader == target.id
    assert world.lost_writes(NAME) == ()


def test_a_returned_primary_rejoins_as_a_replica_with_the_new_rows() -> None:
    world = _world()
    _pass(world, 1)
    world.lose(HOME)
    _pass(world, 25)
    world.write(NAME)
    world.bring_back(HOME)
    _pass(world, 20)
    members = world.clusters[NAME].members
    assert members["campus-x86-db-1"].log == members["cloud-db-1"].log
    assert not members["campus-x86-db-1"].accepts


def test_a_bmc_answers_only_where_its_site_is_reached() -> None:
    world = _world()
    _, old, _ = _cast(world)
    power = SiteHands(world, STANDBY).power
    power.power_off(old)
    assert not power.is_on(old)
    power.power_on(old)
    assert power.is_on(old)
    world.break_bmc(old.id)
    with pytest.raises(UnavailableError):
        power.power_off(old)
    world.cut(HOME)
    with pytest.raises(UnavailableError):
        power.is_on(old)


def test_a_minority_reads_and_writes_no_hub() -> None:
    world = _world()
    world.cut(STANDBY)
    with pytest.raises(UnavailableError):
        SiteHands(world, STANDBY).hub.actions()
    SiteHands(world, THIRD).hub.actions()


def test_names_are_changed_wherever_a_server_is_reached() -> None:
    world = _world()
    servers = [site.endpoints.dns for site in world.estate.sites]
    world.lose(HOME)
    names = SiteHands(world, THIRD).names
    taken = names.point("his.hospital.test", address="10.3.0.21", servers=servers)
    assert taken == ("10.2.0.1:53", "10.3.0.1:53")
    assert names.answer("his.hospital.test", server="10.3.0.1:53") == "10.3.0.21"
    with pytest.raises(UnavailableError):
        names.point("his.hospital.test", address="10.3.0.21", servers=["10.1.0.1:53"])


def test_pods_take_their_time_and_need_a_writable_database() -> None:
    world = _world()
    his = world.estate.workload("his")
    hands = SiteHands(world, STANDBY).workloads
    hands.scale(his, site=STANDBY, replicas=2)
    assert hands.observe(his, site=STANDBY).ready == 0
    world.clock.sleep(Rates().pod_ready)
    assert hands.observe(his, site=STANDBY).ready == 2
    world.lose(HOME)
    _pass(world, 2)
    assert hands.observe(his, site=STANDBY).ready == 0


def test_a_workload_cannot_run_where_it_was_never_deployed() -> None:
    world = _world()
    hands = SiteHands(world, STANDBY).workloads
    with pytest.raises(RefusedError):
        hands.scale(world.estate.workload("hrp"), site=HOME, replicas=1)
