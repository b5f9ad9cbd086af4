"""Playbooks on real hosts over SSH: the second run changes nothing, a fence holds and is lifted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hospital.estate import Estate, Replication
from hospital.inventory import inventory
from lab.access import operator
from lab.health import Desk
from lab.places import Places
from providers.access import Access
from providers.ansible import AnsibleHands, PlaybookRun
from providers.postgres import PostgresHands

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(600)]

DEPLOY = ("host_harden.yml", "haproxy_deploy.yml", "postgresql_deploy.yml")
PATIENCE = 60.0  # seconds
OBSERVER = "campus-arm"  # a site without a member


class Hosts:
    """Runs playbooks on all hosts of the lab, as Pulumi does."""

    def __init__(self, lab: Places, desk: Desk, estate: Estate, evidence: Path) -> None:
        self._desk = desk
        self._estate = estate
        self._hands = AnsibleHands(Access(lab.access("pulumi")), evidence=evidence)

    def run(self, playbook: str, *, estate: Estate | None = None, **variables: Any) -> PlaybookRun:
        told = inventory(estate or self._estate)
        return self._desk.ask(
            lambda _: self._hands.run(playbook, inventory=told, variables=variables)
        )


@pytest.fixture
def hosts(lab: Places, desk: Desk, estate: Estate, tmp_path: Path) -> Hosts:
    return Hosts(lab, desk, estate, tmp_path)


@pytest.fixture
def databases(lab: Places, desk: Desk, estate: Estate) -> Iterator[PostgresHands]:
    access = Access(lab.access(operator(OBSERVER)))
    hands = PostgresHands(estate, access, site=OBSERVER)
    yield hands
    desk.ask(lambda _: hands.close())


@pytest.mark.parametrize("playbook", DEPLOY)
def test_a_second_run_changes_nothing(hosts: Hosts, playbook: str) -> None:
    hosts.run(playbook)
    again = hosts.run(playbook)
    assert again.changes == dict.fromkeys(again.changed, ())
    assert again.total_changed == 0


def test_a_changed_replication_reaches_the_running_cluster_and_goes_back(
    hosts: Hosts, databases: PostgresHands, desk: Desk, estate: Estate
) -> None:
    declared = estate.databases[0]
    standby = frozenset(declared.members[1:])
    changed = replace(declared, replication=Replication.ASYNCHRONOUS)
    asynchronous = replace(estate, databases=(changed, *estate.databases[1:]))
    hosts.run("postgresql_deploy.yml")
    for wished, wanted in ((asynchronous, frozenset()), (estate, standby)):
        hosts.run("postgresql_deploy.yml", estate=wished)
        deadline = time.monotonic() + PATIENCE
        while set(desk.ask(lambda _: databases.observe(declared)).synchronous) != wanted:
            assert time.monotonic() < deadline, "Patroni did not follow the declaration"
            time.sleep(0.5)


def test_a_fence_by_playbook_holds_until_it_is_lifted_by_one(
    hosts: Hosts, databases: PostgresHands, desk: Desk, estate: Estate
) -> None:
    database = estate.databases[0]
    primary, standby = (estate.host(name) for name in database.members)

    def withdrawn(_: Any) -> bool:
        return databases.withdrawn(database, candidate=standby, from_host=primary)

    for playbook, holds in (("database_fence.yml", True), ("database_unfence.yml", False)):
        changed = hosts.run(playbook, withdraw_from=primary.address).changed
        assert changed[standby.id] == 1
        assert primary.id not in changed  # it ends before anything is asked of it
        assert desk.ask(withdrawn) is holds
        assert hosts.run(playbook, withdraw_from=primary.address).total_changed == 0
