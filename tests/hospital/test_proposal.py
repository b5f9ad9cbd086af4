"""Which way a workload may move, and what is said where none is declared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hospital.errors import DeclarationError
from hospital.estate import Estate
from hospital.hazards import hazards
from hospital.move import Method, Migration, Phase
from hospital.proposal import proposed
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
HOME = "campus-x86"


@pytest.fixture(scope="module")
def estate() -> Estate:
    return read_estate(LAB)


def _finished(phase: Phase) -> Migration:
    return Migration(
        "his-1", "his", HOME, "campus-arm", Method.LOGICAL, "hospital-db-arm", "x", "me", 1.0,
        phase=phase,
    )  # fmt: skip


def test_a_site_of_the_own_cluster_is_reached_by_streaming_there_and_back(estate: Estate) -> None:
    there = proposed(estate, "his", "cloud", active=HOME)
    back = proposed(estate, "his", HOME, active="cloud")
    assert (there.method, there.database) == (Method.PHYSICAL, "hospital-db")
    assert (back.method, back.source, back.target) == (Method.PHYSICAL, "cloud", HOME)


def test_another_cluster_is_reached_only_where_that_is_declared(estate: Estate) -> None:
    found = proposed(estate, "his", "campus-arm", active=HOME)
    assert (found.method, found.database) == (Method.LOGICAL, "hospital-db-arm")
    with pytest.raises(DeclarationError, match="database: hospital-db-arm}") as refused:
        proposed(estate, "emr", "campus-arm", active=HOME)
    assert "- {workload: emr, to: campus-arm" in str(refused.value)


def test_a_standby_without_a_member_must_first_be_none(estate: Estate) -> None:
    """Its Secret there names the home's database, so it cannot be prepared for another."""
    with pytest.raises(DeclarationError) as refused:
        proposed(estate, "lis", "campus-arm", active=HOME)
    text = str(refused.value)
    assert "{name: lis, home: campus-x86, standbys: [cloud], database: hospital-db}" in text
    assert "{workload: lis, to: campus-arm, database: hospital-db-arm}" in text


def test_a_site_without_any_database_needs_one_first(estate: Estate) -> None:
    bare = replace(
        estate, databases=tuple(d for d in estate.databases if d.name == "hospital-db"),
        migrations=(),
    )  # fmt: skip
    with pytest.raises(DeclarationError, match="members: \\[campus-arm-db-1\\]"):
        proposed(bare, "his", "campus-arm", active=HOME)


@pytest.mark.parametrize(
    ("workload", "to", "said"),
    [("hiss", "cloud", "no 'hiss'"), ("his", "moon", "no 'moon'"), ("his", HOME, "already")],
)
def test_what_makes_no_sense_is_named(estate: Estate, workload: str, to: str, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        proposed(estate, workload, to, active=HOME)


def test_after_a_finalized_move_nothing_goes_by_the_old_declaration(estate: Estate) -> None:
    """Its data are at the target: streaming from the old cluster would bring back old data."""
    for to in (HOME, "cloud"):
        with pytest.raises(DeclarationError, match="database: hospital-db-arm}"):
            proposed(
                estate, "his", to, active="campus-arm", earlier=[_finished(Phase.COMPLETED)]
            )  # fmt: skip


def test_a_move_that_was_rolled_back_leaves_nothing_behind(estate: Estate) -> None:
    earlier = [_finished(Phase.ROLLED_BACK)]
    assert proposed(estate, "his", "cloud", active=HOME, earlier=earlier).target == "cloud"


def test_what_a_move_accepts_is_told(estate: Estate) -> None:
    active = {each.name: each.home for each in estate.workloads}
    logical = hazards(estate, proposed(estate, "his", "campus-arm", active=HOME), active)
    told = " ".join(each.en for each in logical)
    assert "RPO of 0 is not kept" in told
    assert "nothing can take over" in told
    assert "identity, integration; each call takes 2 ms more" in told
    physical = hazards(estate, proposed(estate, "his", "cloud", active=HOME), active)
    assert any("handed over as a whole" in each.en for each in physical)
    assert all(each.zh and each.en.isascii() for each in (*logical, *physical))
