"""Which endpoints an estate has, and what is known of each before anybody looks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from console.endpoints import endpoints, look
from hospital.errors import UnavailableError
from hospital.estate import Estate
from hospital.surveyed.endpoint import EndpointFacts, Plaintext
from providers.line import Speech, Target
from stacks.estate import read_estate

ROOT = Path(__file__).parents[2]
CLEAR = EndpointFacts(protocols=(), suites={}, shown=(), plaintext=Plaintext.ANSWERED)


@pytest.fixture(scope="module")
def estate() -> Estate:
    return read_estate(ROOT / "stacks" / "estates" / "lab.yaml")


def test_every_endpoint_has_a_name_of_its_own(estate: Estate) -> None:
    names = [each.name for each in endpoints(estate)]
    assert len(names) == len(set(names))
    assert {"kubernetes@cloud", "hub@campus-arm", "etcd@campus-x86", "cloud@cloud"} <= set(names)
    assert {"database-db-1@cloud", "patroni-db-1@campus-x86", "admission@cloud"} <= set(names)
    assert "database-db-1@campus-arm" in names
    assert "cloud@campus-x86" not in names


def test_databases_are_asked_in_their_own_words(estate: Estate) -> None:
    found = {each.name: each.target for each in endpoints(estate)}
    assert found["database-db-1@cloud"] == Target(
        "10.3.0.11", 5432, ("10.3.0.11",), Speech.POSTGRESQL
    )
    assert found["patroni-db-1@cloud"].speech is Speech.HTTP
    assert found["cloud@cloud"] == Target("10.3.0.1", 5000, ("10.3.0.1",))


def test_the_ingress_is_called_by_every_workload_of_its_site(estate: Estate) -> None:
    found = {each.name: each for each in endpoints(estate)}
    assert found["ingress@campus-arm"].target.names == (
        *("lis.hospital.test", "pacs.hospital.test", "hrp.hospital.test"),
        "internet-hospital.hospital.test",
        "his.hospital.test",  # where a declared migration may bring it
    )


def test_what_does_not_answer_is_unseen_unless_it_need_not_be_there(
    estate: Estate,
) -> None:
    def silent(target: Target) -> EndpointFacts:
        if target.port in {80, 443}:
            raise UnavailableError(target.address, "no route")
        return CLEAR

    seen, unseen = look(estate, ask=silent)
    assert unseen == tuple(
        f"ingress@{site.name}: {site.endpoints.ingress}:443: no route" for site in estate.sites
    )
    assert len(seen) == len([each for each in endpoints(estate) if each.target.port > 443])


def test_an_endpoint_has_the_highest_level_of_what_it_serves(
    estate: Estate,
) -> None:
    lowered = tuple(
        replace(each, crypto_level=4 if each.name == "hrp" else 2, zone="internal")
        for each in estate.workloads
    )
    seen, _ = look(replace(estate, workloads=lowered), ask=lambda _: CLEAR)
    levels = {each.name: each.crypto_level for each in seen}
    assert (levels["ingress@campus-x86"], levels["ingress@campus-arm"]) == (2, 4)
    assert levels["database-db-1@cloud"] == 4
    assert {each.zone for each in seen} == {"internal"}
    zones = {each.name: each.zone for each in look(estate, ask=lambda _: CLEAR)[0]}
    assert (zones["ingress@cloud"], zones["ingress@campus-x86"]) == ("dmz", "internal")
    assert zones["hub@cloud"] == "internal"
