"""Three operators on an estate in memory, their rounds played by hand, clients writing on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hospital.errors import HospitalError
from hospital.estate import Estate
from hospital.story import Action, ActionKind, ActionPhase
from operators.post import Clocks, Post
from providers.hub import Hub
from providers.memory import PlayedClock, SiteHands, World
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
HOME, STANDBY, THIRD = "campus-x86", "cloud", "campus-arm"
DATABASE = "hospital-db"
STEP_SECONDS = 0.1


class Play:
    """A world with an operator at every site and a client outside."""

    def __init__(
        self, estate: Estate | None = None, *, sites: tuple[str, ...] | None = None
    ) -> None:
        self.world = World(estate or read_estate(LAB), clock=PlayedClock(1000.0))
        self.posts: dict[str, Post] = {}
        everywhere = tuple(site.name for site in self.world.estate.sites)
        for site in everywhere if sites is None else sites:
            self.hire(site)
        self._slow: dict[int, float] = {}
        self.outage_began: float | None = None
        self.longest_outage = 0.0

    def hire(self, site: str, *, instance: str = "a", hub: Hub | None = None) -> Post:
        """A fresh operator at a site, with nothing remembered; on a real ``hub`` if given."""
        now = self.world.clock.now
        hands: Any = SiteHands(self.world, site)
        if hub is not None:
            hands.hub = hands.leases = hub
            hands.stories = Hub(hub.cluster)
        post = Post(site, instance=instance, hands=hands, clocks=Clocks(now, now))
        self.posts[f"{site}/{instance}"] = post
        return post

    def dismiss(self, post: Post) -> None:
        """An operator is killed: nothing is given up, nothing is said."""
        self.posts = {name: each for name, each in self.posts.items() if each is not post}

    def run(self, seconds: float, *, conducting: bool = True) -> None:
        """Let time pass; every living operator makes its rounds."""
        end = self.world.clock.now() + seconds
        while self.world.clock.now() < end:
            self.step(conducting=conducting)

    def step(self, *, conducting: bool = True) -> None:
        """One tenth of a second."""
        self.world.clock.sleep(STEP_SECONDS)
        self.watch_client()
        for post in list(self.posts.values()):
            if self.world.up(post.site):
                self.rounds(post, conducting=conducting)

    def rounds(self, post: Post, *, conducting: bool) -> None:
        """Every loop of one operator that is due, once."""
        loops = [post.probe, post.tell, post.look_at_databases, post.take_part]
        if self._due(post):
            loops = [post.read_declared, *loops, post.keep_place, post.write_status]
            loops.append(post.record_primaries)
            loops += [post.lift_withdrawals, post.copy_evidence, post.announce]
        if conducting:
            loops.append(post.judge)
        for loop in loops:
            try:
                loop()
            except HospitalError:
                continue

    def _due(self, post: Post) -> bool:
        """Whether the slow loops of an operator are due: every second."""
        now = self.world.clock.now()
        if now - self._slow.get(id(post), 0.0) < 1.0:
            return False
        self._slow[id(post)] = now
        return True

    def watch_client(self) -> None:
        """A client outside writes; its outages are measured."""
        now = self.world.clock.now()
        if self.world.write(DATABASE) is not None:
            self.outage_began = None
            return
        self.outage_began = self.outage_began or now
        self.longest_outage = max(self.longest_outage, now - self.outage_began)

    def actions(self) -> list[Action]:
        """All actions as the hub holds them."""
        return [action for _, action in self.world.hub.actions.values()]

    def action(self, name: str) -> Action:
        """One action."""
        return self.world.hub.actions[name][1]

    def ask(self, kind: ActionKind, *, plan: str = "clinical", name: str = "", **more: str) -> str:
        """A person asks for an action."""
        action = Action(
            name=name or f"{plan}-{kind}",
            plan=plan,
            kind=kind,
            target=more.get("target", ""),
            reason=more.get("reason", "test"),
            requested_by="li.wei",
            requested_at=self.world.clock.now(),
        )
        SiteHands(self.world, STANDBY).hub.create_action(action)
        return action.name

    def accept_loss(self, name: str) -> str:
        """The same person asks again and accepts the loss."""
        old = self.action(name)
        again = replace(
            old,
            name=f"{name}-again",
            accept_loss=True,
            phase=ActionPhase.PENDING,
            requested_at=self.world.clock.now(),
            records=(),
        )
        SiteHands(self.world, STANDBY).hub.create_action(again)
        return again.name

    def leader(self) -> Post | None:
        """Who leads; there must not be two."""
        leading = [post for post in self.posts.values() if post.leadership.leading()]
        assert len(leading) <= 1
        return leading[0] if leading else None


def kinds_of(action: Action) -> list[str]:
    """The step kinds of a story, in order of their records."""
    return [record.id.partition("/")[0] for record in action.records]
