"""Each step does its one thing, twice without harm, and never touches a new primary's lease."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hospital.story import Action, ActionKind, Step, StepKind
from providers import hands as module
from providers.hands import Outcome, StepResult, perform
from providers.memory import PlayedClock, SiteHands, World
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
HOME, STANDBY = "campus-x86", "cloud"
OLD, NEW = "campus-x86-db-1", "cloud-db-1"


@pytest.fixture
def world() -> World:
    return World(read_estate(LAB), clock=PlayedClock(100.0))


ACTION = Action(
    name="a",
    plan="clinical",
    kind=ActionKind.FAILOVER,
    target="",
    reason="test",
    requested_by="li.wei",
    requested_at=100.0,
)


def _perform(
    world: World, kind: StepKind, subject: str, site: str = STANDBY, *, action: Action = ACTION
) -> StepResult:
    step = Step(f"{kind}/{subject}", kind, subject, site, frozenset(), 0.0, source=OLD)
    hands = SiteHands(world, STANDBY)
    now = world.clock.now()
    return perform(step, estate=world.estate, hands=hands, action=action, now=now)


def _replicas(world: World, workload: str) -> int:
    hands = SiteHands(world, STANDBY)
    return hands.workloads.observe(world.estate.workload(workload), site=STANDBY).replicas


def test_every_kind_of_step_can_be_performed() -> None:
    assert set(module._PERFORMERS) == set(StepKind)


def test_a_failover_starts_the_first_replica_and_the_others_when_the_name_has_moved(
    world: World,
) -> None:
    wanted = world.estate.workload("his").replicas
    assert wanted > 1
    assert _perform(world, StepKind.START, "his").outcome is Outcome.DONE
    assert _replicas(world, "his") == 1
    assert _perform(world, StepKind.NAME, "his").outcome is Outcome.DONE
    assert _replicas(world, "his") == wanted


def test_what_runs_already_is_not_taken_back_by_a_second_start(world: World) -> None:
    for kind in (StepKind.START, StepKind.NAME, StepKind.START):
        assert _perform(world, kind, "his").outcome is Outcome.DONE
    assert _replicas(world, "his") == world.estate.workload("his").replicas


def test_a_planned_move_starts_all_replicas_before_anything_moves(world: World) -> None:
    planned = replace(ACTION, kind=ActionKind.SWITCHOVER)
    assert _perform(world, StepKind.START, "his", action=planned).outcome is Outcome.DONE
    assert _replicas(world, "his") == world.estate.workload("his").replicas


def test_a_wait_for_a_workload_starts_again_what_somebody_stopped_meanwhile(world: World) -> None:
    assert _perform(world, StepKind.START, "his").outcome is Outcome.DONE
    world.places["his", STANDBY].replicas = 0
    assert _perform(world, StepKind.READY, "his").outcome is Outcome.PENDING
    assert _replicas(world, "his") == 1


def test_a_fence_is_read_back(world: World) -> None:
    assert _perform(world, StepKind.FENCE, OLD).outcome is Outcome.DONE
    assert not world.alive(world.estate.host(OLD))
    assert _perform(world, StepKind.FENCE, OLD).outcome is Outcome.DONE


def test_a_fence_that_nobody_answers_is_impossible(world: World) -> None:
    world.lose(HOME)
    world.clock.sleep(2)
    assert _perform(world, StepKind.FENCE, OLD).outcome is Outcome.IMPOSSIBLE


def test_withdraw_expire_and_wait_for_the_primary(world: World) -> None:
    world.lose(HOME)
    world.clock.sleep(2)
    assert _perform(world, StepKind.PRIMARY, "hospital-db").outcome is Outcome.PENDING
    assert _perform(world, StepKind.WITHDRAW, NEW).outcome is Outcome.DONE
    assert _perform(world, StepKind.EXPIRE, OLD, HOME).outcome is Outcome.DONE
    assert _perform(world, StepKind.PRIMARY, "hospital-db").outcome is Outcome.PENDING
    world.clock.sleep(1)
    assert _perform(world, StepKind.PRIMARY, "hospital-db").outcome is Outcome.DONE
    assert world.hub.active["database/hospital-db"] == NEW
    assert _perform(world, StepKind.RESTORE, NEW).outcome is Outcome.DONE


def test_a_new_primarys_lease_is_never_expired(world: World) -> None:
    world.lose(HOME)
    world.clock.sleep(2)
    _perform(world, StepKind.WITHDRAW, NEW)
    _perform(world, StepKind.EXPIRE, OLD, HOME)
    world.clock.sleep(0.1)
    world.happen()
    lease = world.clusters["hospital-db"].lease
    assert world.clusters["hospital-db"].leader == NEW
    result = _perform(world, StepKind.EXPIRE, OLD, HOME)  # taken again after a crash
    assert result.outcome is Outcome.DONE
    assert world.clusters["hospital-db"].lease == lease


def test_consensus_is_waited_for(world: World) -> None:
    world.lose(HOME)
    world.clock.sleep(2)
    assert _perform(world, StepKind.CONSENSUS, OLD, HOME).outcome is Outcome.PENDING
    world.clock.sleep(21)
    assert _perform(world, StepKind.CONSENSUS, OLD, HOME).outcome is Outcome.DONE


def test_a_hand_over_twice_is_one(world: World) -> None:
    first = _perform(world, StepKind.HANDOVER, "hospital-db")
    second = _perform(world, StepKind.HANDOVER, "hospital-db")
    assert first == second
    assert first.outcome is Outcome.DONE


def test_a_workload_is_started_awaited_named_and_stopped(world: World) -> None:
    assert _perform(world, StepKind.START, "his").outcome is Outcome.DONE
    assert _perform(world, StepKind.READY, "his").outcome is Outcome.PENDING
    world.clock.sleep(2)
    assert _perform(world, StepKind.READY, "his").outcome is Outcome.DONE
    assert _perform(world, StepKind.NAME, "his").outcome is Outcome.DONE
    assert world.hub.active["his"] == STANDBY
    address = world.estate.site(STANDBY).endpoints.ingress
    assert world.answers[HOME, "his.hospital.test"] == address
    assert _perform(world, StepKind.STOP, "his", HOME).outcome is Outcome.DONE
    assert world.places["his", HOME].replicas == 0


def test_a_stop_at_a_dark_site_is_impossible_and_a_start_is_tried_again(world: World) -> None:
    world.lose(HOME)
    world.clock.sleep(2)
    assert _perform(world, StepKind.STOP, "his", HOME).outcome is Outcome.IMPOSSIBLE
    assert _perform(world, StepKind.START, "his", HOME).outcome is Outcome.PENDING


def test_a_hub_without_quorum_makes_a_step_wait_not_fail(world: World) -> None:
    world.cut(STANDBY)
    assert _perform(world, StepKind.EXPIRE, OLD, HOME).outcome is Outcome.PENDING


def test_evidence_is_kept_once(world: World) -> None:
    assert _perform(world, StepKind.EVIDENCE, "a") == _perform(world, StepKind.EVIDENCE, "a")
    (record,) = world.hub.evidence
    assert (record["action"], record["reason"], record["requestedBy"]) == ("a", "test", "li.wei")


def test_a_plan_whose_target_holds_no_member_is_told_so(world: World) -> None:
    result = _perform(world, StepKind.HANDOVER, "hospital-db", "campus-arm")
    assert result.outcome is Outcome.IMPOSSIBLE
    assert "holds no member of hospital-db" in result.detail
