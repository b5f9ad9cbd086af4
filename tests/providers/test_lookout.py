"""Sights: whose words count, and how old they are."""

from __future__ import annotations

from pathlib import Path

from hospital.detection import lost_hosts, lost_sites
from hospital.story import Seen
from providers.lookout import (
    ANNOTATION,
    Heartbeats,
    Lookout,
    Sight,
    Sources,
    gather,
    host_target,
    read_sights,
    site_target,
    write_sights,
)
from providers.ports import Lease
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
HOME, STANDBY, THIRD = "campus-x86", "cloud", "campus-arm"
HOST = "campus-x86-db-1"
SILENT = {site_target(HOME): Sight(False, 1.0), host_target(HOST): Sight(False, 1.0)}


def _lease(site: str, version: str, sights: dict[str, Sight]) -> Lease:
    annotations = {ANNOTATION: write_sights(sights)}
    return Lease(f"site-{site}", site, 0.0, 1.5, annotations=annotations, version=version)


def _gather(leases: list[Lease], heartbeats: Heartbeats, *, now: float) -> Seen:
    sources = Sources(site=STANDBY, quorum=True, sights=SILENT)
    return gather(read_estate(LAB), sources=sources, leases=leases, heartbeats=heartbeats, now=now)


def test_silence_counts_from_the_last_answer_to_the_end_of_the_last_probe() -> None:
    lookout = Lookout()
    lookout.note("x", reachable=True, now=10.0)
    lookout.note("x", reachable=False, now=10.75)
    lookout.note("x", reachable=False, now=11.0)
    assert lookout.sights()["x"] == Sight(False, 1.0)
    lookout.note("x", reachable=True, now=11.5)
    assert lookout.sights()["x"] == Sight(True, 0.0)


def test_what_others_must_hear_at_once_is_told_once() -> None:
    lookout = Lookout()
    moments = (
        (10.0, True, False),
        (10.25, False, True),  # it ceased to answer
        (10.5, False, False),
        (10.75, False, True),  # silent for so long that it counts as lost
        (11.0, False, False),
        (11.25, True, True),
        (11.5, True, False),
    )
    for now, reachable, news in moments:
        assert lookout.note("x", reachable=reachable, now=now) is news, now


def test_a_starved_observer_does_not_grow_silence() -> None:
    lookout = Lookout()
    lookout.note("x", reachable=True, now=10.0)
    lookout.note("x", reachable=False, now=10.5)
    assert lookout.sights()["x"].silent_seconds == 0.5  # however late it is read


def test_sights_survive_the_annotation_and_nonsense_is_no_sight() -> None:
    assert read_sights(write_sights(SILENT)) == SILENT
    for nonsense in ("", "{", "[]", '{"a": 1}', '{"a": [true]}', "null"):
        assert read_sights(nonsense) == {}


def test_ages_are_the_readers_own_whatever_the_writers_clock_says() -> None:
    heartbeats = Heartbeats(started=0.0)
    heartbeats.note([_lease(HOME, "1", {})], now=10.0)
    heartbeats.note([_lease(HOME, "1", {})], now=11.0)
    assert heartbeats.age(f"site-{HOME}", now=12.0) == 2.0
    heartbeats.note([_lease(HOME, "2", {})], now=12.0)
    assert heartbeats.age(f"site-{HOME}", now=12.0) == 0.0


def test_two_fresh_observers_make_a_site_lost_and_its_hosts_with_it() -> None:
    heartbeats = Heartbeats(started=0.0)
    heartbeats.note([_lease(HOME, "1", {}), _lease(THIRD, "1", SILENT)], now=10.0)
    leases = [_lease(HOME, "1", {}), _lease(THIRD, "2", SILENT)]
    heartbeats.note(leases, now=11.6)
    seen = _gather(leases, heartbeats, now=11.6)
    assert lost_sites(seen) == {HOME}
    assert HOST in lost_hosts(read_estate(LAB), seen)


def test_an_observer_that_fell_silent_is_not_heard() -> None:
    heartbeats = Heartbeats(started=0.0)
    leases = [_lease(HOME, "1", {}), _lease(THIRD, "1", SILENT)]
    heartbeats.note(leases, now=10.0)
    seen = _gather(leases, heartbeats, now=11.6)
    assert {view.observer for view in seen.sites if view.site == HOME} == {STANDBY}
    assert lost_sites(seen) == frozenset()


def test_an_old_heartbeat_alone_makes_nobody_lost() -> None:
    heartbeats = Heartbeats(started=0.0)
    reached = {site_target(HOME): Sight(True, 0.0), host_target(HOST): Sight(True, 0.0)}
    heartbeats.note([_lease(HOME, "1", {})], now=10.0)
    leases = [_lease(HOME, "1", {}), _lease(THIRD, "2", reached)]
    heartbeats.note(leases, now=15.0)
    seen = _gather(leases, heartbeats, now=15.0)
    assert lost_sites(seen) == frozenset()
