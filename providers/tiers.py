"""Where each workload runs at each site, as declared: pods of its cluster, or hosts.

Recovery, migration and place ask one port; this sends each question to the hands that are declared
for that workload at that site. It decides nothing else: how many replicas, and when, is the same
for both.
"""

from __future__ import annotations

from collections.abc import Iterable

from hospital.estate import Estate, Workload
from hospital.story import WorkloadSeen
from providers.ports import WorkloadHands


class Tiers:
    """WorkloadHands over pods and hosts together."""

    def __init__(self, estate: Estate, *, pods: WorkloadHands, hosts: WorkloadHands) -> None:
        self._estate = estate
        self._pods = pods
        self._hosts = hosts

    def scale(self, workload: Workload, *, site: str, replicas: int) -> None:
        """Set its replicas at a site."""
        self._hands(workload, site).scale(workload, site=site, replicas=replicas)

    def observe(self, workload: Workload, *, site: str) -> WorkloadSeen:
        """Wanted and ready replicas at a site."""
        return self._hands(workload, site).observe(workload, site=site)

    def running(self, workload: Workload, *, site: str) -> int:
        """Replicas at a site that run, ready or not."""
        return self._hands(workload, site).running(workload, site=site)

    def survey(self, workloads: Iterable[Workload], *, site: str) -> tuple[WorkloadSeen, ...]:
        """The same for many, in their order."""
        asked = tuple(workloads)
        found: dict[str, WorkloadSeen] = {}
        for hands in (self._pods, self._hosts):
            theirs = [each for each in asked if self._hands(each, site) is hands]
            if theirs:
                found |= {seen.workload: seen for seen in hands.survey(theirs, site=site)}
        return tuple(found[each.name] for each in asked if each.name in found)

    def _hands(self, workload: Workload, site: str) -> WorkloadHands:
        on_hosts = workload.hosts_at(self._estate.site(site))
        return self._hosts if on_hosts else self._pods
