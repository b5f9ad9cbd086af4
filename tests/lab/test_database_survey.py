"""The survey of databases in the lab: what it sees is what is kept, and a real change is found."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from console import desk as console_desk
from console.databases import Seen, look
from hospital.codec import encode
from hospital.estate import Estate
from hospital.inventory import inventory
from hospital.rule import Kind, Resource
from lab import root
from lab.health import Desk
from lab.places import Places
from policies.judgement import judge
from policies.rules import all_rules
from providers.access import Access
from providers.ansible import AnsibleHands

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(600)]

SURVEYS = Path(__file__).parents[1] / "policies" / "surveys"
TODAY = date(2026, 11, 25)
HOME = "/var/lib/postgresql/15"  # where the socket is, with the cluster's directory beside it
RULES = [found for found in all_rules() if Kind.DATABASE in found.rule.kinds]
LIVELY = ("clients", "slots", "standbys", "receiver", "archive", "version", "standby")
NOWHERE = "10.3.0.99"  # an address of the lab's that no host has


@dataclass(frozen=True, slots=True)
class Databases:
    """Surveys the lab's databases as `xinglin survey` does, and changes its primary."""

    lab: Places
    desk: Desk
    estate: Estate
    primary: str  # host id

    def survey(self, estate: Estate | None = None) -> Seen:
        seat = console_desk.Desk(estate or self.estate, Access(self.lab.access("pulumi")))
        return self.desk.ask(lambda _: look(seat))

    def found(self) -> set[str]:
        """The rules that find something."""
        seen, unseen = self.survey()
        assert unseen == ()
        resources = [Resource(Kind.DATABASE, each.host, encode(each)) for each in seen]
        return {found.rule.id for found in judge(RULES, resources, today=TODAY).findings}

    def run(self, *command: str, stdin: str = "") -> None:
        words = root.inside(self.primary, command, self.lab)
        subprocess.run(words, input=stdin, text=True, check=True, capture_output=True, timeout=60)

    def ask(self, statements: str) -> None:
        """Run statements as the superuser, in the database of one workload."""
        psql = ("/usr/lib/postgresql/15/bin/psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", HOME)
        self.run("runuser", "-u", "postgres", "--", *psql, "-d", "his", stdin=statements)


@pytest.fixture
def deployed(lab: Places, desk: Desk, estate: Estate, tmp_path: Path) -> Databases:
    hands = AnsibleHands(Access(lab.access("pulumi")), evidence=tmp_path)
    told = inventory(estate)
    desk.ask(lambda _: hands.run("postgresql_deploy.yml", inventory=told))
    seen, unseen = Databases(lab, desk, estate, "").survey()
    assert unseen == ()
    members = estate.databases[0].members
    (primary,) = [each.host for each in seen if each.host in members and not each.facts.standby]
    return Databases(lab, desk, estate, primary)


def kept() -> list[dict[str, Any]]:
    text = (SURVEYS / "databases.json").read_text(encoding="utf-8")
    things: list[dict[str, Any]] = json.loads(text)["databases"]
    return things


def settled(surveyed: dict[str, Any]) -> dict[str, Any]:
    """What does not depend on which member leads, and on who is connected just now."""
    facts = {key: value for key, value in surveyed["facts"].items() if key not in LIVELY}
    return {**surveyed, "facts": facts}


def test_the_lab_is_still_as_it_was_when_its_survey_was_kept(deployed: Databases) -> None:
    seen, unseen = deployed.survey()
    assert unseen == ()
    assert [settled(encode(each)) for each in seen] == [settled(each) for each in kept()]
    beside = yaml.safe_load((SURVEYS / "databases.yaml").read_text(encoding="utf-8"))
    assert deployed.found() == beside["found"].keys()


Change = Callable[[Databases], tuple[Callable[[], None], Callable[[], None]]]


def by_statements(do: str, undo: str) -> Change:
    return lambda deployed: (lambda: deployed.ask(do), lambda: deployed.ask(undo))


def by_line(line: str) -> Change:
    path = f"{HOME}/hospital-db/pg_hba.conf"
    add = ("sed", "-i", f"$ a {line}", path)
    remove = ("sed", "-i", "$ d", path)
    return lambda deployed: (lambda: deployed.run(*add), lambda: deployed.run(*remove))


def by_mode(mode: str) -> Change:
    key = "/etc/patroni/tls.key"
    return lambda deployed: (
        lambda: deployed.run("chmod", mode, key),
        lambda: deployed.run("chmod", "0600", key),
    )


CHANGES: dict[str, Change] = {
    "database_logins_recorded": by_statements(
        "ALTER SYSTEM SET log_disconnections = off; SELECT pg_reload_conf();",
        "ALTER SYSTEM RESET log_disconnections; SELECT pg_reload_conf();",
    ),
    "database_superuser_single": by_statements(
        "CREATE ROLE intruder SUPERUSER NOLOGIN;", "DROP ROLE intruder;"
    ),
    "database_role_rights_few": by_statements(
        "GRANT pg_execute_server_program TO his;", "REVOKE pg_execute_server_program FROM his;"
    ),
    "database_passwords_scram": by_statements(
        "SET password_encryption = md5; CREATE ROLE old PASSWORD 'as-it-was-in-2016';",
        "DROP ROLE old;",
    ),
    "database_writes_durable": by_statements(
        "ALTER ROLE lis SET synchronous_commit = local;",
        "ALTER ROLE lis RESET synchronous_commit;",
    ),
    "database_table_closed_to_public": by_statements(
        "CREATE TABLE public.leak (); GRANT SELECT ON public.leak TO PUBLIC;",
        "DROP TABLE public.leak;",
    ),
    "database_row_policies_enforced": by_statements(
        "CREATE TABLE public.wards (); CREATE POLICY own ON public.wards USING (true);",
        "DROP TABLE public.wards;",
    ),
    "database_definer_path_fixed": by_statements(
        "CREATE FUNCTION public.bill() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';",
        "DROP FUNCTION public.bill();",
    ),
    "database_sources_limited": by_line("hostssl his his 0.0.0.0/0 scram-sha-256"),
    "database_remote_access_encrypted": by_line("host his his 10.1.0.0/16 scram-sha-256"),
    "database_files_private": by_mode("0644"),
}


@contextmanager
def changed(deployed: Databases, change: Change) -> Iterator[None]:
    do, undo = change(deployed)
    do()
    try:
        yield
    finally:
        undo()


def test_what_is_really_changed_is_found_by_its_rule_alone(deployed: Databases) -> None:
    before = deployed.found()
    for rule, change in CHANGES.items():
        with changed(deployed, change):
            assert deployed.found() - before == {rule}
    assert deployed.found() == before


def test_a_member_that_does_not_answer_is_named_and_hides_no_other(deployed: Databases) -> None:
    sites = [
        replace(site, hosts=tuple(_moved(host) for host in site.hosts))
        for site in deployed.estate.sites
    ]
    seen, unseen = deployed.survey(replace(deployed.estate, sites=tuple(sites)))
    assert [each.host for each in seen] == ["campus-x86-db-1", "campus-arm-db-1"]
    assert len(unseen) == 1
    assert unseen[0].startswith("hospital-db@cloud-db-1: ")


def _moved(host: Any) -> Any:
    return replace(host, address=NOWHERE) if host.id == "cloud-db-1" else host
