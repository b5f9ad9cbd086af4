"""An operator is killed at every step, before and after its side effect; each story completes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import cache
from typing import TypeVar

import pytest
from play import DATABASE, HOME, LAB, STANDBY, Play

from hospital.estate import Estate
from hospital.story import ActionKind, ActionPhase
from operators.post import Post
from providers.conductor import AtOnce, Crew
from stacks.estate import read_estate

SETTLING = 4.0
_Result = TypeVar("_Result")


class Killed(BaseException):
    """The operator's process is gone; nothing catches this but the play."""


class MortalCrew:
    """Dies when it is to perform the ``nth`` step, before or after the side effect."""

    def __init__(self, nth: int, *, after: bool) -> None:
        self.left = nth
        self.after = after
        self.performed = 0

    def submit(self, fn: Callable[[], _Result], /) -> Future[_Result]:
        self.performed += 1
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        done = AtOnce().submit(fn)
        if self.left == 0:
            raise Killed
        return done


class MortalPlay(Play):
    """A play in which one crew is shared, so that exactly one operator dies once."""

    def __init__(self, estate: Estate, crew: Crew) -> None:
        super().__init__(estate)
        self.died: Post | None = None
        for post in self.posts.values():
            post.conductor._crew = crew

    def rounds(self, post: Post, *, conducting: bool) -> None:
        try:
            super().rounds(post, conducting=conducting)
        except Killed:
            self.died = post
            self.dismiss(post)


@cache
def small() -> Estate:
    """Two workloads, one on the other, and their database."""
    lab = read_estate(LAB)
    kept = ("identity", "integration")
    workloads = tuple(item for item in lab.workloads if item.name in kept)
    plans = tuple(replace(p, workloads=kept) for p in lab.plans if p.name == "clinical")
    return replace(lab, workloads=workloads, plans=plans, migrations=())


def _failover(nth: int, *, after: bool) -> tuple[MortalPlay, MortalCrew]:
    crew = MortalCrew(nth, after=after)
    play = MortalPlay(small(), crew)
    play.run(SETTLING)
    play.world.lose(HOME)
    play.run(9)
    return play, crew


def _switchover(nth: int, *, after: bool) -> tuple[MortalPlay, MortalCrew]:
    crew = MortalCrew(nth, after=after)
    play = MortalPlay(small(), crew)
    play.run(SETTLING)
    play.ask(ActionKind.SWITCHOVER, target=STANDBY)
    play.run(9)
    return play, crew


@cache
def performances(story: Callable[..., tuple[MortalPlay, MortalCrew]]) -> int:
    """How many performances an undisturbed story has."""
    return story(0, after=False)[1].performed


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before-effect", "after-effect"])
@pytest.mark.parametrize("story", [_failover, _switchover], ids=["failover", "switchover"])
def test_whoever_is_killed_at_any_step_another_completes_the_story(
    story: Callable[..., tuple[MortalPlay, MortalCrew]], after: bool
) -> None:
    assert performances(story) >= 9
    for nth in range(1, performances(story) + 1):
        play, _ = story(nth, after=after)
        assert play.died is not None, nth
        (action,) = play.actions()
        assert action.phase is ActionPhase.COMPLETED, (nth, action)
        assert play.world.lost_writes(DATABASE) == (), nth
        assert play.world.answering("integration", site=STANDBY), nth
        assert len(play.world.hub.evidence) == 1, nth
