"""Workloads on hosts: what is asked of which host, and what becomes of each answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hospital.errors import RefusedError, UnavailableError
from hospital.story import WorkloadSeen
from providers.access import Access
from providers.application_hosts import HostWorkloads, ReplicaSeen, replicas_said
from stacks.estate import read_estate

ESTATE = read_estate(Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml")
LIS = ESTATE.workload("lis")
HIS = replace(ESTATE.workload("his"), hosts=("campus-x86-app-2",), replicas=1)
HOME = "campus-x86"
FIRST, SECOND = "10.1.0.31", "10.1.0.32"


def line(workload: str = "lis", *, wanted: bool, running: bool, ready: bool) -> str:
    return json.dumps({"workload": workload, "wanted": wanted, "running": running, "ready": ready})


UP = line(wanted=True, running=True, ready=True)
WAITING = line(wanted=True, running=True, ready=False)
DOWN = line(wanted=False, running=False, ready=False)


@dataclass
class Playing:
    """A program called ssh: each address says what its file holds, and all questions are kept."""

    folder: Path

    def says(self, address: str, text: str, *, code: int = 0) -> None:
        (self.folder / address).write_text(f"cat <<'END'\n{text}\nEND\nexit {code}\n")

    @property
    def asked(self) -> list[str]:
        """``<address> <verb> <workload>...``, sorted."""
        kept = self.folder / "asked"
        return sorted(kept.read_text().splitlines()) if kept.exists() else []


@pytest.fixture
def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Playing:
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        'case "$*" in *-O*) exit 0;; esac\n'
        "while [ $# -gt 2 ]; do shift; done\naddress=${1#xinglin-place@}\n"
        f'echo "$address $2" >> {tmp_path}/asked\n'
        f"[ -f {tmp_path}/$address ] || exit 255\n. {tmp_path}/$address\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return Playing(tmp_path)


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[HostWorkloads]:
    for name in ("ssh_key", "known_hosts"):
        (tmp_path / name).write_text("")
    with closing(HostWorkloads(ESTATE, Access(tmp_path))) as found:
        yield found


def test_one_replica_is_one_host_and_the_others_are_stopped(
    hosts: Playing, hands: HostWorkloads
) -> None:
    for address in (FIRST, SECOND):
        hosts.says(address, UP)
    for replicas in (0, 1, 2):
        hands.scale(LIS, site=HOME, replicas=replicas)
    assert hosts.asked == [
        *[f"{FIRST} start lis", f"{FIRST} start lis", f"{FIRST} stop lis"],
        *[f"{SECOND} start lis", f"{SECOND} stop lis", f"{SECOND} stop lis"],
    ]


def test_a_dark_host_keeps_no_other_from_being_asked_and_is_told(
    hosts: Playing, hands: HostWorkloads
) -> None:
    hosts.says(SECOND, DOWN)
    with pytest.raises(UnavailableError, match=FIRST):
        hands.scale(LIS, site=HOME, replicas=0)
    assert f"{SECOND} stop lis" in hosts.asked


def test_what_is_wanted_ready_and_running_is_counted_over_hosts(
    hosts: Playing, hands: HostWorkloads
) -> None:
    hosts.says(FIRST, UP)
    hosts.says(SECOND, WAITING)
    assert hands.observe(LIS, site=HOME) == WorkloadSeen("lis", HOME, replicas=2, ready=1)
    assert hands.running(LIS, site=HOME) == 2
    assert hands.prepared(LIS, site=HOME) is True


def test_a_host_that_does_not_answer_counts_for_nothing(
    hosts: Playing, hands: HostWorkloads
) -> None:
    hosts.says(SECOND, UP)
    assert hands.observe(LIS, site=HOME) == WorkloadSeen("lis", HOME, replicas=1, ready=1)
    assert hands.prepared(LIS, site=HOME) is None


def test_when_none_answers_nothing_is_seen(hosts: Playing, hands: HostWorkloads) -> None:
    with pytest.raises(UnavailableError):
        hands.observe(LIS, site=HOME)
    with pytest.raises(UnavailableError):
        hands.running(LIS, site=HOME)
    assert hands.survey([LIS], site=HOME) == ()
    assert hosts.asked, "the hosts were asked"


def test_a_survey_asks_each_host_once_and_leaves_out_what_nobody_told(
    hosts: Playing, hands: HostWorkloads
) -> None:
    hosts.says(FIRST, UP)
    assert hands.survey([LIS, HIS], site=HOME) == (WorkloadSeen("lis", HOME, 1, 1),)
    assert hosts.asked == [f"{FIRST} status lis", f"{SECOND} status lis his"]


def test_where_it_runs_as_pods_no_host_is_asked(hosts: Playing, hands: HostWorkloads) -> None:
    with pytest.raises(RefusedError, match="no host is declared"):
        hands.scale(LIS, site="cloud", replicas=1)
    assert hosts.asked == []


def test_a_host_that_was_not_prepared_says_so(hosts: Playing, hands: HostWorkloads) -> None:
    hosts.says(FIRST, UP)
    hosts.says(SECOND, '{"error": "a workload that does not run on this host"}', code=2)
    assert hands.prepared(LIS, site=HOME) is False


def test_the_command_is_read_to_the_letter() -> None:
    said = replicas_said("h", 0, f"{UP}\n{DOWN.replace('lis', 'pacs')}\n", ["lis", "pacs"])
    assert said == (
        ReplicaSeen("lis", wanted=True, running=True, ready=True),
        ReplicaSeen("pacs", wanted=False, running=False, ready=False),
    )


@pytest.mark.parametrize(
    "lines",
    ["", "ready", "{}", "[]", "null", UP.replace("lis", "his"), f"{UP}\n{UP}",
     UP.replace("true", '"yes"'), UP.replace("true", "1"), UP.replace('"ready"', '"red"')],
)  # fmt: skip
def test_any_other_words_are_a_refusal(lines: str) -> None:
    with pytest.raises(RefusedError, match="placing command said"):
        replicas_said("h", 0, lines, ["lis"])


@pytest.mark.parametrize(("code", "kind"), [(1, UnavailableError), (2, RefusedError)])
def test_a_supervisor_may_be_asked_again_and_a_refusal_is_final(
    code: int, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match="why"):
        replicas_said("h", code, '{"error": "why"}', ["lis"])
