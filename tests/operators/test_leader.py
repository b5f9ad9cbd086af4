"""One decides at a time, and leadership moves in seconds."""

from __future__ import annotations

from pathlib import Path

from operators.leader import LEASE_SECONDS, RENEW_SECONDS, Leadership
from providers.lookout import Heartbeats
from providers.memory import PlayedClock, SiteHands, World
from providers.ports import Lease
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"


class Candidate:
    """One operator's election, played by hand."""

    def __init__(self, world: World, site: str, *, shy: bool = False, name: str = "a") -> None:
        self.world = world
        self.hub = SiteHands(world, site).hub
        clock = world.clock
        self.heartbeats = Heartbeats(started=clock.now())
        self.leadership = Leadership(
            f"{site}/{name}",
            leases=self.hub,
            now=clock.now,
            today=clock.now,
            stands_back=lambda: shy,
        )

    def round(self) -> bool:
        leases = self.hub.leases()
        self.heartbeats.note(leases, now=self.world.clock.now())
        self.leadership.take_part(leases, self.heartbeats)
        return self.leadership.leading()


def _world() -> World:
    return World(read_estate(LAB), clock=PlayedClock(100.0))


def test_a_free_lease_is_taken_by_one_only() -> None:
    world = _world()
    first, second = Candidate(world, "cloud"), Candidate(world, "campus-arm")
    assert first.round()
    assert not second.round()


def test_two_operators_at_one_site_are_two() -> None:
    world = _world()
    first = Candidate(world, "cloud", name="a")
    second = Candidate(world, "cloud", name="b")
    assert first.round()
    assert not second.round()
    assert first.round()
    assert not second.leadership.leading()


def test_a_silent_holder_is_replaced_only_after_it_has_stopped() -> None:
    world = _world()
    first, second = Candidate(world, "cloud"), Candidate(world, "campus-arm")
    first.round()
    taken_at = world.clock.now()
    second.round()
    while not second.round():
        world.clock.sleep(0.1)
        assert not (first.leadership.leading() and second.leadership.leading())
    assert RENEW_SECONDS < LEASE_SECONDS <= world.clock.now() - taken_at < LEASE_SECONDS + 0.3
    assert not first.leadership.leading()


def test_who_comes_back_does_not_think_that_it_still_leads() -> None:
    world = _world()
    first, second = Candidate(world, "cloud"), Candidate(world, "campus-arm")
    first.round()
    second.round()
    world.clock.sleep(LEASE_SECONDS)
    assert second.round()
    assert not first.round()


def test_a_hub_without_quorum_ends_leadership_in_time() -> None:
    world = _world()
    first = Candidate(world, "cloud")
    first.round()
    leases = first.hub.leases()
    world.cut("cloud")
    first.leadership.take_part(leases, first.heartbeats)
    assert first.leadership.leading()
    world.clock.sleep(RENEW_SECONDS + 0.01)
    assert not first.leadership.leading()


def test_an_operator_at_the_primarys_site_gives_the_lead_to_another() -> None:
    world = _world()
    first = Candidate(world, "campus-x86", shy=True)
    second = Candidate(world, "cloud")
    first.round()
    world.clock.sleep(1.0)
    assert first.round()  # free for a second: nobody else is there
    beat = SiteHands(world, "cloud").hub

    beat.write(Lease("site-cloud", "cloud", 0.0, 1.5))
    assert not first.round()
    assert second.round()
    assert not first.round()


def test_leaving_frees_the_lease_at_once() -> None:
    world = _world()
    first, second = Candidate(world, "cloud"), Candidate(world, "campus-arm")
    first.round()
    first.leadership.give_up(first.hub.leases())
    assert not first.leadership.leading()
    assert second.round()
