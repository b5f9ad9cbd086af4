"""One action, turn by turn: what is forgotten, what is tried again, what stops nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from play import HOME, STANDBY, Play

from hospital.errors import RefusedError
from hospital.story import ActionKind, ActionPhase, StepState
from providers.memory import SiteHands

SETTLING = 4.0


@pytest.fixture
def play() -> Play:
    found = Play()
    found.run(SETTLING)
    return found


def test_what_was_begun_is_forgotten_when_another_told_the_end(play: Play) -> None:
    post = play.leader()
    assert post is not None
    name = play.ask(ActionKind.SWITCHOVER, target=STANDBY)
    post.conductor.turn(name)
    assert post.conductor.flying(name)
    version, action = play.world.hub.actions[name]
    ended = replace(action, phase=ActionPhase.COMPLETED)
    play.world.hub.actions[name] = (version + 1, ended)
    assert post.conduct(name) == ended
    assert post.conductor.flying(name) == ()


def test_a_lost_race_is_read_again_and_nothing_is_taken_on_stale_knowledge(play: Play) -> None:
    post = play.leader()
    assert post is not None
    name = play.ask(ActionKind.SWITCHOVER, target=STANDBY)
    stories = post.hands.stories
    true_record = stories.record

    def lost(*_: object, **__: object) -> None:
        raise RefusedError("hub", "another wrote")

    stories.record = lost  # type: ignore[method-assign]
    before = play.action(name)
    assert post.conductor.turn(name) == before
    assert post.conductor.flying(name) == ()
    assert play.world.places["his", STANDBY].replicas == 0
    stories.record = true_record  # type: ignore[method-assign]
    play.run(10)
    assert play.action(name).phase is ActionPhase.COMPLETED


def test_a_steps_defect_stops_no_other_step(
    play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    post = play.leader()
    assert post is not None
    workloads = post.hands.workloads
    true_scale = workloads.scale

    def broken(workload: object, *, site: str, replicas: int) -> None:
        if getattr(workload, "name", "") == "pacs":
            raise ZeroDivisionError
        true_scale(workload, site=site, replicas=replicas)  # type: ignore[arg-type]

    monkeypatch.setattr(workloads, "scale", broken)
    play.world.lose(HOME)
    play.run(8)
    (action,) = play.actions()
    states = {record.id: record.state for record in action.records}
    assert states["SwitchName/his"] is StepState.DONE
    assert states["StartWorkload/pacs"] is StepState.INTENDED
    assert "failed for a reason nobody foresaw" in caplog.text
    monkeypatch.undo()
    play.run(6)
    assert play.action(action.name).phase is ActionPhase.COMPLETED


def test_a_step_that_the_world_refuses_is_mended_and_goes_on(play: Play) -> None:
    place = play.world.places.pop(("hrp", STANDBY))
    play.world.lose("campus-arm")
    play.run(8)
    (action,) = play.actions()
    details = {record.id: record.detail for record in action.records}
    assert "is not deployed here" in details["StartWorkload/hrp"]
    play.world.places["hrp", STANDBY] = place
    play.run(6)
    assert play.action(action.name).phase is ActionPhase.COMPLETED


def test_who_does_not_lead_takes_nothing(play: Play) -> None:
    name = play.ask(ActionKind.SWITCHOVER, target=STANDBY)
    leader = play.leader()
    for post in play.posts.values():
        if post is not leader:
            assert post.conduct(name) == play.action(name)
    assert play.action(name).phase is ActionPhase.PENDING
    assert SiteHands(play.world, STANDBY).hub.actions()[0].records == ()
