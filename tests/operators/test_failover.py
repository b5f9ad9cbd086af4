"""Operators lose a site, a host, each other; the hospital comes back and no write is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from play import DATABASE, HOME, LAB, STANDBY, THIRD, Play, kinds_of

from hospital.estate import Estate, Mode, Replication
from hospital.story import ActionPhase, StepState
from stacks.estate import read_estate

SETTLING = 4.0  # seconds until a leader is elected and everything was seen once


@pytest.fixture
def play() -> Play:
    found = Play()
    found.run(SETTLING)
    return found


def _automatic(estate: Estate, **changes: object) -> Estate:
    plans = tuple(replace(plan, **changes) for plan in estate.plans)  # type: ignore[arg-type]
    return replace(estate, plans=plans)


def _asynchronous() -> Estate:
    estate = _automatic(read_estate(LAB), replication=Replication.ASYNCHRONOUS)
    bases = tuple(replace(b, replication=Replication.ASYNCHRONOUS) for b in estate.databases)
    return replace(estate, databases=bases)


def test_a_quiet_hospital_stays_where_it_is(play: Play) -> None:
    play.run(10)
    assert play.actions() == []
    assert play.longest_outage == 0.0
    assert play.world.hub.active[f"database/{DATABASE}"] == "campus-x86-db-1"


def test_the_leader_is_not_at_the_primarys_site(play: Play) -> None:
    leader = play.leader()
    assert leader is not None
    assert leader.site != HOME


def test_nobody_stands_back_for_a_database_that_no_plan_moves(play: Play) -> None:
    play.world.lose(HOME)
    play.run(12)
    led = set()
    for _ in range(50):
        play.step()
        leader = play.leader()
        led.add("" if leader is None else leader.site)
    assert led == {THIRD}, "it holds the primary of hospital-db-arm, and leads all the same"


def test_a_dark_site_is_recovered_without_a_person_and_without_loss(play: Play) -> None:
    play.world.lose(HOME)
    play.run(12)
    (action,) = play.actions()
    assert action.phase is ActionPhase.COMPLETED
    assert action.requested_by.startswith("operator/")
    assert play.longest_outage < 5.0
    assert play.world.lost_writes(DATABASE) == ()
    for workload in ("identity", "integration", "his", "emr", "lis", "pacs"):
        assert play.world.answering(workload, site=play.world.hub.active[workload])
    assert [record["action"] for record in play.world.hub.evidence] == [action.name]
    assert play.world.hub.copies == {STANDBY: play.world.hub.evidence}


def test_a_cut_site_acknowledges_nothing_that_is_lost(play: Play) -> None:
    play.world.cut(HOME)
    for _ in range(120):
        play.step()
        play.world.write(DATABASE, site=HOME)
    assert play.action(play.actions()[0].name).phase is ActionPhase.COMPLETED
    play.world.heal(HOME)
    play.run(20)
    assert play.world.lost_writes(DATABASE) == ()


def test_a_dead_host_is_fenced_by_its_bmc(play: Play) -> None:
    play.world.stop_host("campus-x86-db-1")
    play.run(8)
    (action,) = play.actions()
    assert "FenceHost" in kinds_of(action)
    assert action.phase is ActionPhase.COMPLETED
    assert play.longest_outage < 3.5
    assert play.world.lost_writes(DATABASE) == ()


def test_workloads_whose_site_lives_stay_when_only_the_host_died(play: Play) -> None:
    play.world.stop_host("campus-x86-db-1")
    play.run(8)
    (action,) = play.actions()
    assert "StartWorkload" not in kinds_of(action)
    assert play.world.answering("his", site=HOME)


def test_an_asynchronous_plan_waits_for_consensus() -> None:
    play = Play(_asynchronous())
    play.run(SETTLING)
    play.world.lose(HOME)
    play.run(30)
    (action,) = play.actions()
    assert "AwaitConsensus" in kinds_of(action) or _skipped(action, "ExpireLease")
    assert action.phase is ActionPhase.COMPLETED
    assert 18 < play.longest_outage < 26


def _skipped(action: object, kind: str) -> bool:
    records = getattr(action, "records", ())
    return any(
        record.state is StepState.SKIPPED for record in records if record.id.startswith(kind)
    )


def test_a_plan_that_asks_a_person_begins_nothing() -> None:
    play = Play(_automatic(read_estate(LAB), mode=Mode.CONFIRM))
    play.run(SETTLING)
    play.world.lose(HOME)
    play.run(10)
    assert play.actions() == []


def test_a_hub_without_quorum_begins_nothing_and_says_so(play: Play) -> None:
    play.world.lose(HOME)
    play.world.lose(THIRD)
    play.run(10)
    assert play.actions() == []
    for post in play.posts.values():
        if post.site == STANDBY:
            assert not post.watch.quorum()
            assert not post.leadership.leading()


def test_a_site_that_returns_corrects_its_own_place(play: Play) -> None:
    play.world.lose(HOME)
    play.run(12)
    play.world.bring_back(HOME)
    play.run(25)
    assert play.world.places["his", HOME].replicas == 0
    assert play.world.places["his", STANDBY].replicas > 0
    address = play.world.estate.site(STANDBY).endpoints.ingress
    name = play.world.estate.host_name("his")
    assert {play.world.answers[site.name, name] for site in play.world.estate.sites} == {address}
    assert play.world.clusters[DATABASE].synchronous == ("campus-x86-db-1",)


def test_losing_the_leader_with_the_site_costs_only_its_lease() -> None:
    play = Play(sites=(HOME,))
    play.run(SETTLING)
    assert play.leader() is play.posts[f"{HOME}/a"]
    play.hire(STANDBY)
    play.hire(THIRD)
    play.step()
    play.world.lose(HOME)
    play.run(14)
    assert [action.phase for action in play.actions()] == [ActionPhase.COMPLETED]
    assert play.world.lost_writes(DATABASE) == ()


def test_two_operators_at_one_site_tell_one_story(play: Play) -> None:
    for site in (STANDBY, THIRD):
        play.hire(site, instance="b")
    play.run(2)
    play.world.lose(HOME)
    for _ in range(120):
        play.step()
        play.leader()
    assert [action.phase for action in play.actions()] == [ActionPhase.COMPLETED]
    assert len(play.world.hub.evidence) == 1


def test_status_says_what_was_lost(play: Play) -> None:
    play.world.lose(HOME)
    play.run(12)
    status = play.world.hub.status
    (ready,) = status["Site", HOME]["conditions"]
    assert (ready["status"], ready["reason"]) == ("False", "Lost")
    (plan,) = status["RecoveryPlan", "clinical"]["conditions"]
    assert plan["reason"] == "SiteLost"
    assert HOME in status["RecoveryPlan", "clinical"]["message"]
    assert status["RecoveryAction", play.actions()[0].name]["rtoSeconds"] < 5
    reasons = [reason for kind, _, reason, _ in play.world.hub.events if kind == "RecoveryAction"]
    assert {"StepIntended", "StepDone", "Running", "Completed"} <= set(reasons)


def test_somebody_leads_though_every_living_site_holds_a_primary() -> None:
    play = Play()
    play.run(4.0)
    play.world.lose(HOME)
    play.run(30.0)
    holding = {name for cluster in play.world.clusters.values() if (name := cluster.leader)}
    assert {play.world.estate.host(name).site for name in holding} == {STANDBY, THIRD}
    led = [play.leader() for _ in range(20) if play.run(0.5) is None]
    assert all(led)
