"""Workloads on real hosts: prepared by the playbook, placed by an operator, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hospital.estate import Estate, Host
from hospital.inventory import inventory
from lab import engine
from lab.access import operator
from lab.health import Desk
from lab.places import Places
from providers.access import Access
from providers.ansible import AnsibleHands
from providers.application_hosts import PLACING_USER, HostWorkloads
from providers.ssh import Answer, Ssh

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(600)]

PATIENCE = 60.0  # seconds
OPERATOR = "cloud"  # any site's may place anywhere: the other sites bring back what one lost


@pytest.fixture(scope="module")
def prepare(lab: Places, estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Runs the playbook as Pulumi does; what it changed, in all."""
    hands = AnsibleHands(
        Access(lab.access(engine.IDENTITY)), evidence=tmp_path_factory.mktemp("evidence")
    )

    def run() -> int:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XINGLIN_PROGRAMS", engine.environment(lab)["XINGLIN_PROGRAMS"])
            done = hands.run("application_deploy.yml", inventory=inventory(estate))
        return done.total_changed

    with Desk(lab) as desk:
        desk.ask(lambda _: run() >= 0)
        yield lambda: desk.ask(lambda _: run())  # type: ignore[arg-type, return-value]


@pytest.fixture
def hands(prepare: Any, lab: Places, desk: Desk, estate: Estate) -> Iterator[HostWorkloads]:
    with closing(HostWorkloads(estate, Access(lab.access(operator(OPERATOR))))) as found:
        yield found


@pytest.fixture
def app(estate: Estate) -> Host:
    return estate.host("campus-x86-app-1")


def said(desk: Desk, lab: Places, host: Host, words: str, *, user: str = PLACING_USER) -> Answer:
    with closing(Ssh(Access(lab.access(operator(OPERATOR))), user=user)) as ssh:
        return desk.ask(lambda _: ssh.run(host.address, words))  # type: ignore[arg-type, return-value]


def wait(seen: Callable[[], object], wanted: object) -> None:
    deadline = time.monotonic() + PATIENCE
    while (found := seen()) != wanted:
        assert time.monotonic() < deadline, f"{found} is seen, not {wanted}"
        time.sleep(0.3)


def test_it_runs_only_when_it_is_asked_for_and_a_second_playbook_leaves_it_so(
    hands: HostWorkloads, prepare: Any, desk: Desk, estate: Estate
) -> None:
    lis = estate.workload("lis")

    def asked() -> tuple[int, int]:
        return desk.ask(  # type: ignore[return-value]
            lambda _: (  # type: ignore[arg-type, return-value]
                hands.observe(lis, site=lis.home).replicas,
                hands.running(lis, site=lis.home),
            )
        )

    for replicas in (0, 2, 1, 0):
        for _ in range(2):  # a second time is harmless
            desk.ask(lambda _, count=replicas: hands.scale(lis, site=lis.home, replicas=count))  # type: ignore[misc, arg-type, return-value, func-returns-value]
        wait(asked, (replicas, replicas))
        if replicas == 2:
            assert prepare() == 0
            assert asked() == (2, 2)


@pytest.mark.parametrize(
    "words", ["id", "", "start his", "restart lis", "start lis; id", "status $(id)", "/bin/sh"]
)
def test_the_key_of_an_operator_opens_three_verbs_and_no_shell(
    hands: HostWorkloads, desk: Desk, lab: Places, app: Host, words: str
) -> None:
    answer = said(desk, lab, app, words)
    assert answer.code == 2
    assert answer.output.startswith('{"error": "')
    assert "uid=" not in answer.output + answer.errors


def test_settings_are_readable_by_the_workloads_own_user_only(
    hands: HostWorkloads, lab: Places, app: Host
) -> None:
    disk = Path(lab.disk(app.id)) / "upper"
    settings = disk / "etc/hospital/lis.env"
    assert settings.stat().st_mode & 0o777 == 0o600
    users = [line.split(":") for line in (disk / "etc/passwd").read_text().splitlines()]
    (user,) = [one for one in users if one[0] == "hospital-lis"]
    assert settings.stat().st_uid == int(user[2]) != 0
    secret = settings.read_text().partition("DATABASE_URL=")[2].strip()
    assert secret
    readable = [
        path
        for path in (disk / "etc").rglob("*")
        if path.is_file() and path.stat().st_mode & 0o044 and secret in path.read_text("latin-1")
    ]
    assert readable == []
