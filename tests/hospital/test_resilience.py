"""The recovery levels, by enumeration: better objectives never claim less, better parts never reach
less, and the weakest element decides."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from hospital.resilience import Edition, Element, claimed, standing
from hospital.rule import Facts, Kind, Resource
from hospital.surroundings import workloads
from policies.nouns import from_estate
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
TODAY = date(2026, 11, 25)
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
NOW = timedelta(0)
DURATIONS = (NOW, MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY)


@pytest.mark.parametrize(
    ("rto", "rpo", "level", "level_2007"),
    [
        (15 * MINUTE, NOW, 6, 6),
        (15 * MINUTE, MINUTE, 5, 5),
        (2 * HOUR, NOW, 5, 5),
        (3 * HOUR, MINUTE, 4, 5),  # the edition of 2007 let level 5 take two days
        (12 * HOUR, HOUR, 4, 4),
        (DAY, DAY, 3, 4),
        (2 * DAY, 7 * DAY, 2, 2),
        (30 * DAY, 7 * DAY, 1, 1),
        (HOUR, 30 * DAY, 1, 1),
    ],
)
def test_objectives_claim_a_level_of_each_edition(
    rto: timedelta, rpo: timedelta, level: int, level_2007: int
) -> None:
    assert claimed(rto, rpo, edition=Edition.OF_2025) == level
    assert claimed(rto, rpo, edition=Edition.OF_2007) == level_2007


def test_stricter_objectives_never_claim_less() -> None:
    for edition, rto, rpo in product(Edition, DURATIONS, DURATIONS):
        here = claimed(rto, rpo, edition=edition)
        assert all(claimed(less, rpo, edition=edition) >= here for less in DURATIONS if less < rto)
        assert all(claimed(rto, less, edition=edition) >= here for less in DURATIONS if less < rpo)


def estate(
    *, copy: str, backup: bool, standby: bool, cpu: int, ingress: bool, line: bool, mode: str
) -> Facts:
    """Two sites, one workload, with more or less of what recovery needs."""
    endpoints = {"dns": "10.0.0.1:53", "ingress": "10.0.0.2" if ingress else ""}
    members = ["east-db", *(["west-db"] if copy else [])]
    base = {"name": "base", "replication": copy or "synchronous", "members": members}
    base |= {"backupSite": "west" if backup else "east"}
    workload = {
        "name": "his", "rto": "900s", "rpo": "0s", "home": "east", "database": "base",
        "standbys": ["west"] if standby else [], "replicas": 2, "cpuMillicores": 100,
        "memoryMebibytes": 64,
    }  # fmt: skip
    named = {"name": "clinical", "mode": mode, "workloads": ["his"]}
    sites = [
        {
            "name": name, "failureDomain": name, "hosts": [{"name": "db"}], "endpoints": endpoints,
            "capacityMillicores": cpu, "capacityMebibytes": 9000,
        }
        for name in ("east", "west")
    ]  # fmt: skip
    around: dict[str, Any] = {"links": [{"sites": ["west", "east"]}] if line else []}
    resources = [
        Resource(Kind.SITE, "east", {"site": sites[0], "databases": [base], **around}),
        Resource(Kind.SITE, "west", {"site": sites[1]}),
        Resource(Kind.WORKLOAD, "his-east", {"workload": workload, "site": {"name": "east"}}),
        *([Resource(Kind.PLAN, "clinical", {"plan": named})] if mode else []),
    ]
    return Facts(TODAY, tuple(resources))


CHOICES: dict[str, tuple[Any, ...]] = {  # each from worse to better
    "copy": ("", "asynchronous", "synchronous"),
    "backup": (False, True),
    "standby": (False, True),
    "cpu": (50, 150, 200),
    "ingress": (False, True),
    "line": (False, True),
    "mode": ("", "confirm", "automatic"),
}


def reached(**parts: Any) -> dict[Element, int]:
    facts = estate(**parts)
    seen = standing(workloads(facts)["his"], facts)
    assert seen.reached == min(each.level for each in seen.elements)
    for each in seen.elements:
        assert (each.lacks is None) == (each.level == 6)
    return {each.element: each.level for each in seen.elements}


def test_a_better_part_never_lowers_an_element() -> None:
    for values in product(*CHOICES.values()):
        parts = dict(zip(CHOICES, values, strict=True))
        here = reached(**parts)
        for name, value in parts.items():
            ladder = CHOICES[name]
            for better in ladder[ladder.index(value) + 1 :]:
                there = reached(**parts | {name: better})
                assert all(there[element] >= here[element] for element in Element), (parts, name)


def test_only_the_best_of_everything_reaches_level_six() -> None:
    best = {name: ladder[-1] for name, ladder in CHOICES.items()}
    assert set(reached(**best).values()) == {6}
    for name in best.keys() - {"backup"}:  # a synchronous copy elsewhere is what level 6 asks for
        worse = best | {name: CHOICES[name][-2]}
        assert min(reached(**worse).values()) < 6, name


def test_what_keeps_nothing_has_no_data_to_lose_and_what_is_unknown_reaches_nothing() -> None:
    best = {name: ladder[-1] for name, ladder in CHOICES.items()}
    facts = estate(**best)
    workload = dict(workloads(facts)["his"])
    assert standing(workload | {"database": ""}, facts).elements[0].level == 6
    assert standing(workload | {"database": "other"}, facts).elements[0].level == 0


def test_the_laboratory_reaches_what_it_claims() -> None:
    facts = Facts(TODAY, from_estate(read_estate(LAB)))
    for workload in workloads(facts).values():
        seen = standing(workload, facts)
        assert seen.reached == 6 >= seen.claimed, workload["name"]
