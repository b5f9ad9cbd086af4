"""Gathers the facts of a migration and runs the prechecks on them.

Reads only, from the site where it runs, with the identity it is given. A part of the world that
does not answer, or does not answer us, leaves its facts None: the checks then say "unknown". Facts
that live in no machine (licences, assessments) are given by whoever keeps them, or stay None.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from hospital.custody import recovering
from hospital.errors import HospitalError
from hospital.estate import Estate
from hospital.migration import TERMINAL
from hospital.move import Migration
from hospital.precheck import Result, run
from hospital.prechecks.facts import (
    ComponentFacts,
    DatabaseFacts,
    Facts,
    ImageFacts,
    LicenceFacts,
    NodeFacts,
    PathFacts,
)
from providers import cluster_facts, line_facts
from providers.access import Access
from providers.application_hosts import HostWorkloads
from providers.dns import DnsNames
from providers.kubernetes import WORKLOAD_LABEL, Cluster, namespace_of
from providers.line_sample import LineSample
from providers.ports import HubStore

_T = TypeVar("_T")

Ends = tuple[DatabaseFacts | None, DatabaseFacts | None]
"""What source and target say of themselves."""


def nobody_asks(_estate: Estate, _migration: Migration) -> Ends:
    """Where nobody has a way into the databases."""
    return None, None


def nobody_sends(_estate: Estate, _migration: Migration) -> LineSample | None:
    """Where nobody may send anything over the line."""
    return None


@dataclass(frozen=True, slots=True)
class Papers:
    """What only people know; None until somebody says it."""

    licences: tuple[LicenceFacts, ...] | None = None
    images: tuple[ImageFacts, ...] = ()  # from archives, ``providers/images.py``


@dataclass(frozen=True, slots=True)
class Prospect:
    """Looks at the world from ``site``; called, it is the operators' precheck of a migration."""

    site: str
    access: Access
    hub: HubStore
    databases: Callable[[Estate, Migration], Ends] = nobody_asks
    line: Callable[[Estate, Migration], LineSample | None] = nobody_sends
    papers: Papers = field(default_factory=Papers)

    def __call__(self, estate: Estate, migration: Migration) -> tuple[Result, ...]:
        """The result of every check."""
        return run(self.facts(estate, migration))

    def facts(self, estate: Estate, migration: Migration) -> Facts:
        """Everything that can be seen now."""
        facts = self._declared(estate, migration)
        facts = self._going_on(facts, migration)
        facts = self._machines(facts)
        facts = self._sampled(self._network(facts), migration)
        source, target = tried(lambda: self.databases(estate, migration)) or (None, None)
        offsets = {
            end: facts_of.clock_seconds
            for end, facts_of in (("source", source), ("target", target))
            if facts_of is not None and facts_of.clock_seconds is not None
        }
        return replace(facts, source=source, target=target, clock_offsets=offsets or None)

    def _declared(self, estate: Estate, migration: Migration) -> Facts:
        return Facts(
            estate=estate,
            workload=estate.workload(migration.workload),
            source_site=migration.source,
            target_site=migration.target,
            method=migration.method,
            now=time.time(),
            target_database=migration.database,
            bounds=migration.bounds,
            licences=self.papers.licences,
            grades=estate.site(migration.target).assessed,
            freezes=estate.freezes,
        )

    def _going_on(self, facts: Facts, migration: Migration) -> Facts:
        active = tried(self.hub.active_sites)
        others = tried(self.hub.migrations)
        actions = tried(self.hub.actions)
        if active is not None:
            active = {name: site for name, site in active.items() if "/" not in name}
        if actions is not None:
            busy = recovering(facts.estate, migration, actions)
            facts = replace(facts, recovery_actions=(busy,) if busy else ())
        if others is not None:
            unfinished = tuple(each.name for each in others if _hinders(each, migration))
            facts = replace(facts, migrations=unfinished)
        return replace(facts, active=active)

    def _machines(self, facts: Facts) -> Facts:
        sites = (facts.source_site, facts.target_site)
        read = {site: self._nodes(facts.estate, site) for site in sites}
        there = self._cluster(facts.estate, facts.target_site)
        namespace = namespace_of(facts.workload.name)
        label = f"{WORKLOAD_LABEL}={facts.workload.name}"
        deployed = tried(
            lambda: there.items("apps/v1", "Deployment", namespace=namespace, labels=label)
        )
        limits = tried(lambda: there.items("v1", "ResourceQuota", namespace=namespace))
        parts = cluster_facts.components(deployed) if deployed else None
        nodes = _all(read.values())
        return replace(
            facts,
            components=parts,
            images=_images(nodes, parts, self.papers.images),
            nodes=None if nodes is None else tuple(each for _, each in nodes),
            room=_room(facts, read[facts.target_site]),
            quotas=None if limits is None else cluster_facts.quotas(limits, facts.workload),
            configured=self._configured(facts, deployed),
        )

    def _configured(self, facts: Facts, deployed: list[Any] | None) -> bool | None:
        """Whether what it needs is at the target: its Deployments, or a program on each host."""
        if not facts.hosts_there:
            return None if deployed is None else bool(deployed)
        if not self.access.holds("ssh_key"):
            return None
        with closing(HostWorkloads(facts.estate, self.access)) as hosts:
            return hosts.prepared(facts.workload, site=facts.target_site)

    def _network(self, facts: Facts) -> Facts:
        estate, wanted = facts.estate, facts.estate.host_name(facts.workload.name)
        far = facts.target_site if self.site == facts.source_site else facts.source_site
        ways = (facts.workload.database, facts.target_database or facts.workload.database)
        certificate = line_facts.shown(facts.there.endpoints.ingress, wanted)
        return replace(
            facts,
            path=line_facts.path(
                estate,
                self.site,
                source=facts.source_site,
                target=facts.target_site,
                ways=ways,
                other=self._cluster(estate, far),
            ),
            name=line_facts.name(DnsNames(estate.domain, self.access), wanted, estate.sites),
            certificates=None if certificate is None else (certificate,),
        )

    def _sampled(self, facts: Facts, migration: Migration) -> Facts:
        """The line as the databases' own connections find it, instead of a document's fetch."""
        found = tried(lambda: self.line(facts.estate, migration))
        if found is None:
            return facts
        path = replace(
            facts.path or PathFacts(),
            bandwidth_bytes_per_second=found.bytes_per_second,
            loss_ratio=found.loss_ratio,
        )
        return replace(facts, path=path)

    def _nodes(self, estate: Estate, site: str) -> list[tuple[Any, NodeFacts]] | None:
        """Every node of a site with its facts; None if the cluster does not answer."""
        items = tried(lambda: self._cluster(estate, site).items("v1", "Node"))
        if items is None:
            return None
        pairs = ((item, cluster_facts.node(item, site)) for item in items)
        return [(item, facts) for item, facts in pairs if facts is not None]

    def _cluster(self, estate: Estate, site: str) -> Cluster:
        return Cluster(estate.site(site).endpoints.kubernetes, self.access, read=5.0)


def tried(ask: Callable[[], _T]) -> _T | None:
    """The answer, or None where the world does not answer, or not us."""
    with suppress(HospitalError):
        return ask()
    return None


def _hinders(other: Migration, migration: Migration) -> bool:
    same = other.workload == migration.workload and other.name != migration.name
    return same and other.phase not in TERMINAL


def _all(
    read: Iterable[list[tuple[Any, NodeFacts]] | None],
) -> list[tuple[Any, NodeFacts]] | None:
    """The nodes of all sites; None as soon as one site is unknown."""
    found: list[tuple[Any, NodeFacts]] = []
    for each in read:
        if each is None:
            return None
        found += each
    return found


def _room(facts: Facts, read: list[tuple[Any, NodeFacts]] | None) -> Any:
    if read is None or facts.active is None:
        return None
    nodes = [each for _, each in read]
    return cluster_facts.room(
        nodes, facts.estate, facts.workload, site=facts.target_site, active=facts.active
    )


def _images(
    nodes: list[tuple[Any, NodeFacts]] | None,
    parts: tuple[ComponentFacts, ...] | None,
    archived: tuple[ImageFacts, ...],
) -> tuple[ImageFacts, ...] | None:
    """What archives say, and besides them what nodes hold; None if neither could be read."""
    if parts is None:
        return archived or None
    held = cluster_facts.held_images(nodes or (), parts)
    told = {(each.reference, each.architecture) for each in archived}
    more = tuple(each for each in held if (each.reference, each.architecture) not in told)
    return (*archived, *more) if archived or nodes is not None else None
