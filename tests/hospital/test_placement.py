"""Where a workload may run: each obstacle alone refuses, with its reason in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hospital.estate import Architecture, Estate
from hospital.placement import Load, Obstacle, loads_of, place
from stacks.estate import read_estate

LAB = read_estate(Path(__file__).parents[2] / "stacks/estates/lab.yaml")
HIS = replace(LAB.workload("his"), standbys=("cloud", "campus-arm"))


def changed(site: str, **changes: Any) -> Estate:
    sites = tuple(replace(s, **changes) if s.name == site else s for s in LAB.sites)
    return replace(LAB, sites=sites)


def test_home_is_taken_when_nothing_speaks_against_it() -> None:
    placement = place(LAB, LAB.workload("his"))
    assert placement.site == "campus-x86"
    assert placement.reasons == ()


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"failure_domain": "wuhan-east"}, Obstacle.FAILURE_DOMAIN),
        ({"architectures": (Architecture.LOONG64,)}, Obstacle.ARCHITECTURE),
        ({"country": "SG"}, Obstacle.RESIDENCY),
        ({"zones": ("dmz",)}, Obstacle.ZONE),
        ({"capacity_millicores": 199}, Obstacle.CAPACITY),
        ({"capacity_mebibytes": 127}, Obstacle.CAPACITY),
    ],
)
def test_each_obstacle_alone_sends_the_workload_to_its_next_standby(
    changes: dict[str, Any], obstacle: Obstacle
) -> None:
    estate = changed("cloud", **changes)
    placement = place(estate, HIS, lost=frozenset({"campus-x86"}))
    assert placement.site == "campus-arm"
    assert [(each.site, each.obstacle) for each in placement.reasons] == [
        ("campus-x86", Obstacle.LOST),
        ("cloud", obstacle),
    ]
    assert all(each.detail_zh and each.detail_en for each in placement.reasons)


def test_a_workload_that_fits_nowhere_gets_no_site_and_every_reason() -> None:
    lost = frozenset({"campus-x86", "cloud", "campus-arm"})
    placement = place(LAB, LAB.workload("lis"), lost=lost)
    assert placement.site == ""
    assert {each.site for each in placement.reasons} == set(LAB.workload("lis").sites)


def test_a_site_carries_what_runs_there_now_not_what_is_at_home_there() -> None:
    loads = loads_of(LAB, {"his": "cloud"})
    his = LAB.workload("his")
    assert loads["cloud"] == Load().plus(LAB.workload("internet-hospital")).plus(his)
    assert loads_of(LAB, {}, without=frozenset({"hrp"}))["campus-arm"] == Load()


def test_what_runs_on_hosts_needs_no_room_in_the_cluster_there() -> None:
    lis = LAB.workload("lis")
    pods = replace(lis, hosts=())
    others = tuple(each for each in LAB.workloads if each.home == "campus-x86" and each != lis)
    carried = loads_of(LAB, {})["campus-x86"]
    for each in others:
        carried = replace(
            carried,
            millicores=carried.millicores - each.cpu_millicores * each.replicas,
            mebibytes=carried.mebibytes - each.memory_mebibytes * each.replicas,
        )
    assert carried == Load()
    assert loads_of(LAB, {"lis": "cloud"})["cloud"] == loads_of(LAB, {})["cloud"].plus(lis)
    tight = changed("campus-x86", capacity_millicores=0)
    assert place(tight, lis).site == "campus-x86"
    assert place(tight, pods).site == "campus-arm"
