"""Workloads that run on hosts: asked for, stopped and looked at through the placing command there.

One replica is one program on one host, prepared by a playbook and stopped until an operator asks
for it. The way is ``xinglin-place`` (``playbooks/README.md``): a key that opens one command with
three verbs. What must never happen: silence, or words that are not exactly what the command
promises, taken for a replica that is ready or for one that was stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Estate, Host, Workload
from hospital.story import WorkloadSeen
from providers.access import Access
from providers.ssh import Ssh

PLACING_USER = "xinglin-place"
SSH_PATIENCE = timedelta(seconds=4)  # a first connection on a busy host; warm ones take 0.05 s
_REFUSED = 2  # exit code of what the host will never do; 1 is what its supervisor did not do now

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ReplicaSeen:
    """What one host says of one workload."""

    workload: str
    wanted: bool  # it was asked for: it runs, or its supervisor starts it again and again
    running: bool
    ready: bool  # it answers, and its database takes a write


class HostWorkloads:
    """WorkloadHands over the hosts of an estate."""

    def __init__(self, estate: Estate, access: Access) -> None:
        self._estate = estate
        self._ssh = Ssh(access, user=PLACING_USER, timeout=SSH_PATIENCE)

    def scale(self, workload: Workload, *, site: str, replicas: int) -> None:
        """Ask for it on the first ``replicas`` of its hosts, and for none on the others.

        All are asked, whatever becomes of one; then the first trouble is raised.
        """
        verbs = {
            host.id: "start" if index < replicas else "stop"
            for index, host in enumerate(self._hosts(workload, site))
        }
        hosts = [self._estate.host(name) for name in verbs]
        for found in _side_by_side(
            hosts, lambda host: self._ask(host, verbs[host.id], workload.name)
        ):
            if isinstance(found, Exception):
                raise found

    def observe(self, workload: Workload, *, site: str) -> WorkloadSeen:
        """Wanted and ready replicas; a host that does not answer has none that anybody saw."""
        said = self._status(workload, site)
        return _counted(workload, site, said)

    def running(self, workload: Workload, *, site: str) -> int:
        """Hosts where the program runs, ready or not: it may wait for a closed database."""
        return sum(each.running for each in self._status(workload, site))

    def prepared(self, workload: Workload, *, site: str) -> bool | None:
        """Whether each of its hosts could start it; None if one does not answer."""
        hosts = self._hosts(workload, site)
        found = _side_by_side(hosts, lambda host: self._ask(host, "status", workload.name))
        if any(isinstance(each, RefusedError) for each in found):
            return False
        return None if any(isinstance(each, UnavailableError) for each in found) else True

    def survey(self, workloads: Iterable[Workload], *, site: str) -> tuple[WorkloadSeen, ...]:
        """``observe`` for many, each host asked once; without those of which no host answered."""
        asked = {each: self._hosts(each, site) for each in workloads}
        names: dict[str, list[str]] = {}
        for workload, hosts in asked.items():
            for host in hosts:
                names.setdefault(host.id, []).append(workload.name)
        said = dict(
            zip(
                names,
                _side_by_side(
                    [self._estate.host(name) for name in names],
                    lambda host: self._ask(host, "status", *names[host.id]),
                ),
                strict=True,
            )
        )
        return tuple(
            _counted(workload, site, seen)
            for workload, hosts in asked.items()
            if (seen := _of(workload, hosts, said))
        )

    def close(self) -> None:
        """Close every connection that is kept open."""
        self._ssh.close()

    def _status(self, workload: Workload, site: str) -> Sequence[ReplicaSeen]:
        """What every host says that answers; the first trouble, if none does."""
        hosts = self._hosts(workload, site)
        found = _side_by_side(hosts, lambda host: self._ask(host, "status", workload.name))
        said = [each for answer in found if not isinstance(answer, Exception) for each in answer]
        if not said:
            raise next(each for each in found if isinstance(each, Exception))
        return said

    def _ask(self, host: Host, verb: str, *workloads: str) -> tuple[ReplicaSeen, ...]:
        answer = self._ssh.run(host.address, " ".join((verb, *workloads)))
        return replicas_said(host.id, answer.code, answer.output or answer.errors, workloads)

    def _hosts(self, workload: Workload, site: str) -> tuple[Host, ...]:
        hosts = workload.hosts_at(self._estate.site(site))
        if not hosts:
            raise RefusedError(site, f"no host is declared to run {workload.name} there")
        return hosts


def replicas_said(
    host: str, code: int, lines: str, workloads: Sequence[str]
) -> tuple[ReplicaSeen, ...]:
    """Read the command's lines of JSON; RefusedError when it refused or said something else.

    UnavailableError when the host's supervisor did not take it now.
    """
    try:
        said = [json.loads(line) for line in lines.splitlines() if line.strip()]
        if said and "error" in said[0]:
            kind = RefusedError if code == _REFUSED else UnavailableError
            raise kind(host, str(said[0]["error"]))
        found = tuple(_replica(each) for each in said)
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(host, f"placing command said {lines.strip()!r}") from error
    if [each.workload for each in found] != list(workloads):
        raise RefusedError(host, f"placing command said {lines.strip()!r}")
    return found


def _replica(said: Mapping[str, object]) -> ReplicaSeen:
    flags = [said[name] for name in ("wanted", "running", "ready")]
    if not all(isinstance(flag, bool) for flag in flags):
        raise TypeError(flags)
    wanted, running, ready = map(bool, flags)
    return ReplicaSeen(str(said["workload"]), wanted, running, ready)


def _of(
    workload: Workload,
    hosts: Iterable[Host],
    said: Mapping[str, tuple[ReplicaSeen, ...] | Exception],
) -> list[ReplicaSeen]:
    answers = (said[host.id] for host in hosts)
    heard = (answer for answer in answers if not isinstance(answer, Exception))
    return [each for answer in heard for each in answer if each.workload == workload.name]


def _counted(workload: Workload, site: str, said: Sequence[ReplicaSeen]) -> WorkloadSeen:
    return WorkloadSeen(
        workload=workload.name,
        site=site,
        replicas=sum(each.wanted for each in said),
        ready=sum(each.ready for each in said),
    )


def _side_by_side(
    hosts: Sequence[Host], ask: Callable[[Host], _T]
) -> list[_T | UnavailableError | RefusedError]:
    """What each host answers, or its trouble: one that is dark keeps nobody waiting for others."""

    def tried(host: Host) -> _T | UnavailableError | RefusedError:
        try:
            return ask(host)
        except (UnavailableError, RefusedError) as error:
            return error

    if not hosts:
        return []
    with ThreadPoolExecutor(max_workers=len(hosts)) as threads:
        return list(threads.map(tried, hosts))
