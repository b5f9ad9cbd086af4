"""What people ask for: done, refused with a reason, or blocked with what to do."""

from __future__ import annotations

import pytest
from play import DATABASE, HOME, STANDBY, THIRD, Play, kinds_of

from hospital.story import ActionKind, ActionPhase

SETTLING = 4.0


@pytest.fixture
def play() -> Play:
    found = Play()
    found.run(SETTLING)
    return found


def test_an_unknown_plan_is_refused_and_the_known_are_named(play: Play) -> None:
    name = play.ask(ActionKind.FAILOVER, plan="surgical")
    play.run(1)
    action = play.action(name)
    assert action.phase is ActionPhase.REFUSED
    assert "'surgical'" in action.message
    assert "clinical" in action.message


def test_a_target_that_is_down_is_refused(play: Play) -> None:
    play.world.lose(THIRD)
    play.run(3)
    name = play.ask(ActionKind.SWITCHOVER, target=THIRD)
    play.run(1)
    assert play.action(name).phase is ActionPhase.REFUSED
    assert f"{THIRD} is down" in play.action(name).message


def test_a_site_of_another_plan_is_refused(play: Play) -> None:
    name = play.ask(ActionKind.SWITCHOVER, plan="operations", target=HOME)
    play.run(1)
    assert play.action(name).phase is ActionPhase.REFUSED


def test_of_two_opposite_actions_the_later_is_refused(play: Play) -> None:
    first = play.ask(ActionKind.SWITCHOVER, target=STANDBY, name="one")
    play.world.clock.sleep(0.01)
    second = play.ask(ActionKind.FAILBACK, name="two")
    play.run(10)
    assert play.action(first).phase is ActionPhase.COMPLETED
    assert play.action(second).phase is ActionPhase.REFUSED
    assert "one (switchover of clinical) is under way" in play.action(second).message


def test_a_switchover_loses_nothing_and_a_failback_brings_it_home(play: Play) -> None:
    name = play.ask(ActionKind.SWITCHOVER, target=STANDBY)
    play.run(10)
    assert play.action(name).phase is ActionPhase.COMPLETED
    assert "HandOver" in kinds_of(play.action(name))
    assert play.world.hub.active["his"] == STANDBY
    assert play.world.places["his", HOME].replicas == 0
    play.run(15)
    back = play.ask(ActionKind.FAILBACK)
    play.run(12)
    assert play.action(back).phase is ActionPhase.COMPLETED
    assert play.world.hub.active["his"] == HOME
    assert play.world.hub.active[f"database/{DATABASE}"] == "campus-x86-db-1"
    assert play.world.lost_writes(DATABASE) == ()
    assert [record["action"] for record in play.world.hub.evidence] == [name, back]


def test_lag_beyond_the_objective_blocks_until_a_person_accepts_it(play: Play) -> None:
    play.world.clusters[DATABASE].lag_seconds = 30.0
    play.world.lose(HOME)
    play.run(6)
    (action,) = play.actions()
    assert action.phase is ActionPhase.BLOCKED
    assert "30.0 s" in action.message
    assert "--accept-loss" in action.message
    assert not any(record.started for record in action.records)
    again = play.accept_loss(action.name)
    play.run(8)
    assert play.action(again).phase is ActionPhase.COMPLETED
    assert play.action(action.name).phase is ActionPhase.REFUSED
    assert [record["acceptLoss"] for record in play.world.hub.evidence] == [True]


def test_a_blocked_action_goes_on_by_itself_when_the_reason_is_gone(play: Play) -> None:
    play.world.clusters[DATABASE].lag_seconds = 30.0
    play.world.lose(HOME)
    play.run(6)
    play.world.clusters[DATABASE].lag_seconds = 0.0
    play.run(8)
    assert [action.phase for action in play.actions()] == [ActionPhase.COMPLETED]


def test_a_plan_without_a_database_moves_its_workloads_only(play: Play) -> None:
    play.world.lose(THIRD)
    play.run(10)
    (action,) = play.actions()
    assert action.plan == "operations"
    assert action.phase is ActionPhase.COMPLETED
    assert set(kinds_of(action)) == {
        "StartWorkload",
        "AwaitWorkload",
        "SwitchName",
        "RecordEvidence",
    }
    assert play.world.hub.active["hrp"] == STANDBY
    assert play.longest_outage == 0.0
