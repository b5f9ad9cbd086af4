"""Something breaks at every call that a migration makes; what was ordered ends, nothing is lost.

Real operators, real acts and the real core; databases, clusters and the hub are in memory. At each
call of the stream's hands, within a step too, the operator is killed before or after the effect, or
an end or the link between them is away for longer than a cutover may pause.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from play import HOME, LAB, STANDBY, THIRD, Play

from hospital.estate import Estate
from hospital.migration import TERMINAL
from hospital.move import Bounds, Method, Migration, Order, Phase, Verb
from hospital.rehearsal import Comparison, RowsCompared
from hospital.stream import Filled
from operators.post import Clocks, Post
from providers.acts import Kit
from providers.memory import SiteHands
from providers.memory_stream import MemoryStreams
from stacks.estate import read_estate

SOURCE, TARGET = "hospital-db", "hospital-db-arm"
NAME = "his-to-arm"
BROKEN_SECONDS = 35.0
CALLS = frozenset(
    {"prepare", "copy", "build", "subscribe", "clone", "drop_clone", "provide", "fence", "drain",
     "carry", "reverse", "open", "follow", "revert", "teardown"}
)  # fmt: skip


class Killed(BaseException):
    """The operator's process is gone; nothing catches this but the play."""


class TroubledStreams:
    """Hands with which something happens at the ``nth`` call, before or after its effect."""

    def __init__(
        self, streams: MemoryStreams, nth: int, *, happens: Callable[[], None], after: bool
    ) -> None:
        self._streams = streams
        self._nth = nth
        self._happens = happens
        self._after = after
        self.called: list[str] = []

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._streams, name)
        if name not in CALLS:
            return act

        def call(*words: Any, **more: Any) -> Any:
            self.called.append(name)
            mine = len(self.called) == self._nth
            if mine and not self._after:
                self._happens()
            found = act(*words, **more)
            if mine and self._after:
                self._happens()
            return found

        return call


def kill() -> None:
    """Whoever calls."""
    raise Killed


class Trials:
    """A rehearsal that finds no difference."""

    def capture(self, estate: Estate, migration: Migration) -> None:
        """Nothing is recorded."""

    def compare(self, estate: Estate, migration: Migration) -> Comparison:
        """One row at both ends."""
        return Comparison(
            migration=migration.name, workload=migration.workload, source=migration.source,
            target=migration.target, method=migration.method.value, at=0.0, seconds=1.0,
            application=True, rows=(RowsCompared("/orders", 1, 0, 0),),
        )  # fmt: skip


@cache
def small() -> Estate:
    """HIS, what it calls, and where it may go."""
    lab = read_estate(LAB)
    kept = ("identity", "integration", "his")
    workloads = tuple(item for item in lab.workloads if item.name in kept)
    plans = tuple(replace(p, workloads=kept) for p in lab.plans if p.name == "clinical")
    return replace(lab, workloads=workloads, plans=plans)


class Moving(Play):
    """HIS moves while a client writes wherever it is let in."""

    def __init__(self, nth: int, *, after: bool, fault: str = "") -> None:
        """``fault``: "cut", or a cluster that dies for a while; none kills the operator."""
        self.streams = MemoryStreams()
        self.streams.end(SOURCE, "his").open = True
        self.fault = fault
        self.healed: float | None = None
        happens = self.break_down if fault else kill
        self.troubled = TroubledStreams(self.streams, nth, happens=happens, after=after)
        self.acknowledged: list[str] = []
        self.died = 0
        super().__init__(small())

    def hire(self, site: str, *, instance: str = "a", hub: Any = None) -> Post:
        """With the hands of migrations."""
        now = self.world.clock.now
        kit = Kit(
            streams=self.troubled,
            trials=Trials(),
            prospect=lambda *_: (),
            frozen=lambda *_: "",
        )
        post = Post(
            site, instance=instance, hands=SiteHands(self.world, site),
            clocks=Clocks(now, now), kit=lambda: kit,
        )  # fmt: skip
        self.posts[f"{site}/{instance}"] = post
        return post

    def rounds(self, post: Post, *, conducting: bool) -> None:
        try:
            super().rounds(post, conducting=conducting)
            if post.leadership.leading():
                for each in SiteHands(self.world, STANDBY).hub.migrations():
                    if each.phase not in TERMINAL:
                        post.moves.conduct(each.name)
        except Killed:
            self.died += 1
            self.dismiss(post)

    def watch_client(self) -> None:
        """One write, where it is let in; never may it be let in at both ends."""
        super().watch_client()
        if self.healed is not None and self.world.clock.now() > self.healed:
            self.streams.cut = False
            self.streams.dead.clear()
        ends = {name: self.streams.end(name, "his") for name in (SOURCE, TARGET)}
        assert sum(end.open for end in ends.values()) <= 1
        key = f"w-{len(self.acknowledged)}"
        for name in ends:
            if self.streams.write(name, "his", key=key, value="x"):
                self.acknowledged.append(key)

    def break_down(self) -> None:
        """For longer than a fence may stand without a hand-over."""
        self.healed = self.world.clock.now() + BROKEN_SECONDS
        if self.fault == "cut":
            self.streams.cut = True
        else:
            self.streams.dead.add(self.fault)

    def start(self) -> None:
        """A person asks for the move."""
        self.hub.create_migration(
            Migration(
                name=NAME, workload="his", source=HOME, target=THIRD, method=Method.LOGICAL,
                database=TARGET, reason="test", requested_by="li.wei",
                requested_at=self.world.clock.now(), bounds=Bounds(soak_seconds=0.5),
            )
        )  # fmt: skip

    def give(self, verb: Verb, *, until: Phase) -> None:
        """A person orders; the phase that this leads to is reached."""
        self.hub.order(NAME, Order(verb, "li.wei", "test", self.world.clock.now()))
        self.reach(until)

    def reach(self, phase: Phase) -> None:
        """Until nothing but an order is missing in that phase."""
        for _ in range(400):
            self.step()
            found = self.migration
            done = all(each.ended for each in found.records)
            if found.phase is phase and done and not found.blocked and self._obeyed(found):
                return
        raise AssertionError((phase, self.migration, self.troubled.called[-5:]))

    def persist(self) -> None:
        """A person who orders whatever leads there and back, until it is over."""
        for _ in range(1500):
            self.step()
            found = self.migration
            if found.phase in TERMINAL:
                return
            verb = self._next(found)
            if verb and self._obeyed(found):
                now = self.world.clock.now()
                self.hub.order(NAME, Order(verb, "li.wei", "test", now))
        raise AssertionError((self.migration, self.troubled.called[-5:]))

    def _next(self, found: Migration) -> Verb | None:
        if found.blocked or not all(each.ended for each in found.records):
            return None
        if found.phase is Phase.SYNC:
            passed = found.rehearsal is not None and found.rehearsal.passed
            return Verb.CUTOVER if passed else Verb.REHEARSE
        return Verb.ROLLBACK if found.phase is Phase.REVERSE else None

    @staticmethod
    def _obeyed(found: Migration) -> bool:
        return found.order is None or found.obeyed >= found.order.at

    @property
    def hub(self) -> Any:
        """As a person's desk sees it."""
        return SiteHands(self.world, STANDBY).hub

    @property
    def migration(self) -> Migration:
        """As the hub holds it."""
        (found,) = self.hub.migrations()
        assert isinstance(found, Migration)
        return found


def cut_over(nth: int, *, after: bool) -> Moving:
    play = Moving(nth, after=after)
    play.run(4.0)
    play.start()
    play.reach(Phase.SYNC)
    play.run(1.5)
    play.give(Verb.REHEARSE, until=Phase.SYNC)
    play.give(Verb.CUTOVER, until=Phase.REVERSE)
    play.run(1.5)
    return play


def there_and_back(nth: int, *, after: bool) -> Moving:
    play = cut_over(nth, after=after)
    play.give(Verb.ROLLBACK, until=Phase.ROLLED_BACK)
    return play


def for_good(nth: int, *, after: bool) -> Moving:
    play = cut_over(nth, after=after)
    play.give(Verb.FINALIZE, until=Phase.COMPLETED)
    return play


@cache
def calls(story: Callable[..., Moving]) -> int:
    """How many calls an undisturbed story makes."""
    return len(story(0, after=False).troubled.called)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("after", [False, True], ids=["before-effect", "after-effect"])
@pytest.mark.parametrize(
    ("story", "end"),
    [(there_and_back, SOURCE), (for_good, TARGET)],
    ids=["there-and-back", "for-good"],
)
def test_whoever_is_killed_at_any_call_another_ends_what_was_ordered(
    story: Callable[..., Moving], end: str, after: bool
) -> None:
    assert calls(story) >= 15
    for nth in range(1, calls(story) + 1):
        play = story(nth, after=after)
        assert play.died == 1, nth
        kept = play.streams.end(end, "his")
        assert kept.open, nth
        assert kept.rows.keys() >= set(play.acknowledged), nth
        assert len(play.world.hub.evidence) == 1, nth
        assert play.streams.end(SOURCE, "his").slot is None, nth
        assert play.streams.end(TARGET, "his").slot is None, nth


def persisted(nth: int, *, fault: str) -> Moving:
    play = Moving(nth, after=True, fault=fault)
    play.run(4.0)
    play.start()
    play.persist()
    play.run(1.0)
    return play


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", ["cut", SOURCE, TARGET])
def test_whatever_is_away_for_a_while_nothing_is_lost(fault: str) -> None:
    for nth in range(1, calls(there_and_back) + 1):
        play = persisted(nth, fault=fault)
        kept = play.streams.end(SOURCE, "his")
        assert play.migration.phase is Phase.ROLLED_BACK, nth
        assert kept.open, nth
        assert kept.rows.keys() >= set(play.acknowledged), nth
        assert play.streams.end(TARGET, "his").filled is Filled.NOTHING, nth
        assert not play.streams.end(TARGET, "his").open, nth
