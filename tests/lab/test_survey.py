"""Hosts that really run, surveyed as ``xinglin survey`` does it: what is set on them is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from console import hosts as survey_of_hosts
from console.desk import Desk as Seat
from hospital.codec import encode
from hospital.estate import Estate, Host
from hospital.inventory import inventory
from hospital.rule import Kind, Resource
from hospital.surveyed.host import SurveyedHost
from lab.health import Desk
from lab.places import Places
from policies.judgement import judge
from policies.rules import all_rules
from providers.access import Access
from providers.ansible import AnsibleHands
from providers.ssh import Answer, Ssh

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(600)]

KEPT = Path(__file__).parents[1] / "policies" / "surveys" / "hosts"
RULES = [found for found in all_rules() if found.rule.kinds == (Kind.HOST,)]
PATIENCE = timedelta(seconds=20)
NOBODY = "10.1.0.99"  # an address of the first site that no machine has

Finding = tuple[str, str]  # rule, host id
Look = Callable[[], tuple[SurveyedHost, ...]]

MUTATIONS = {  # rule → what makes it find something, what undoes that
    "host_account_needs_password": (
        "passwd -d xinglin-recovery",
        "usermod -p '*' xinglin-recovery",
    ),
    "host_ssh_root_needs_key": (
        "sed -i '1i PermitRootLogin yes' /etc/ssh/sshd_config",
        "sed -i '1d' /etc/ssh/sshd_config",
    ),
    "host_network_guarded": (
        "sysctl -qw net.ipv4.conf.all.rp_filter=0",
        "sysctl -qw net.ipv4.conf.all.rp_filter=1",
    ),
    "host_secret_files_private": ("chmod 644 /etc/shadow", "chmod 640 /etc/shadow"),
    "host_sudo_asks": (
        "echo 'games ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/mutation",
        "rm /etc/sudoers.d/mutation",
    ),
    "host_no_plaintext_service": (
        "python3 -m http.server 23 >/dev/null 2>&1 & echo $! > /run/mutation.pid; sleep 1",
        "kill $(cat /run/mutation.pid); rm /run/mutation.pid",
    ),
}


def found(hosts: tuple[SurveyedHost, ...]) -> set[Finding]:
    today = datetime.now(UTC).date()
    resources = [Resource(Kind.HOST, each.host.id, encode(each)) for each in hosts]
    findings = judge(RULES, resources, today=today).findings
    return {(each.rule.id, each.resource.name) for each in findings}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evidence")


@pytest.fixture(scope="module")
def look(lab: Places, estate: Estate, evidence: Path) -> Iterator[Look]:
    """Surveys the hosts, which were hardened before."""
    access = Access(lab.access("pulumi"))
    hands = AnsibleHands(access, evidence=evidence)
    with Desk(lab) as at:
        told: Any = inventory(estate)
        at.ask(lambda _: hands.run("host_harden.yml", inventory=told))

        def survey() -> tuple[SurveyedHost, ...]:
            seen: Any = at.ask(lambda _: survey_of_hosts.look(Seat(estate, access)))
            hosts, unseen = seen
            assert unseen == ()
            return tuple(hosts)

        yield survey


@pytest.fixture(scope="module")
def hosts(look: Look) -> tuple[SurveyedHost, ...]:
    """The hosts as they are before any test changes one."""
    return look()


@pytest.fixture
def target(estate: Estate) -> Host:
    return next(host for site in estate.sites for host in site.hosts if host.name == "edge-1")


@pytest.fixture
def root(lab: Places, desk: Desk, target: Host) -> Iterator[Callable[[str], Answer]]:
    """Runs a command as root on the target."""
    ssh = Ssh(Access(lab.access("pulumi")), user="root", timeout=PATIENCE)

    def run(command: str) -> Answer:
        answer: Any = desk.ask(lambda _: ssh.run(target.address, command))
        assert isinstance(answer, Answer), command
        assert answer.code == 0, (command, answer)
        return answer

    yield run
    desk.ask(lambda _: ssh.close())


def test_the_laboratory_is_found_as_it_was_kept(
    hosts: tuple[SurveyedHost, ...], estate: Estate
) -> None:
    assert [each.host for each in hosts] == [host for site in estate.sites for host in site.hosts]
    told = yaml.safe_load(KEPT.with_suffix(".yaml").read_text(encoding="utf-8"))["found"]
    assert {rule for rule, _ in found(hosts)} == told.keys()
    kept = json.loads(KEPT.with_suffix(".json").read_text(encoding="utf-8"))["hosts"]
    assert [encode(each)["host"] for each in hosts] == [each["host"] for each in kept]


def test_a_survey_changes_nothing_and_works_in_check_mode_too(
    lab: Places, desk: Desk, estate: Estate, tmp_path: Path
) -> None:
    hands = AnsibleHands(Access(lab.access("pulumi")), evidence=tmp_path)

    def survey(*, check: bool) -> Any:
        told = inventory(estate)
        return desk.ask(lambda _: hands.run("host_survey.yml", inventory=told, check=check))

    for run in (survey(check=False), survey(check=True)):
        assert run.total_changed == 0
        assert run.facts.keys() == {host.id for site in estate.sites for host in site.hosts}


def test_a_host_that_nobody_answers_for_is_named_and_the_others_are_surveyed(
    lab: Places, desk: Desk, estate: Estate
) -> None:
    first, *others = estate.sites
    lost = replace(first.hosts[0], address=NOBODY)
    around = replace(estate, sites=(replace(first, hosts=(lost, *first.hosts[1:])), *others))
    seat = Seat(around, Access(lab.access("pulumi")))
    hosts, unseen = desk.ask(lambda _: survey_of_hosts.look(seat))
    assert [line.partition(": ")[0] for line in unseen] == [lost.id]
    assert NOBODY in unseen[0]
    assert len(hosts) == len([host for site in estate.sites for host in site.hosts]) - 1


def test_what_is_really_changed_on_a_host_is_found_until_it_is_undone(
    hosts: tuple[SurveyedHost, ...],
    look: Look,
    root: Callable[[str], Answer],
    target: Host,
) -> None:
    before = found(hosts)
    done: list[str] = []
    try:
        for rule, (make, _) in MUTATIONS.items():
            done.append(rule)
            root(make)
        more = found(look()) - before
    finally:
        for rule in reversed(done):
            root(MUTATIONS[rule][1])
    assert more == {(rule, target.id) for rule in MUTATIONS}
    assert found(look()) == before
