"""Every real adapter, as used from one site: the ``Hands`` of an operator.

The hub's adapters need only the site; those for databases, clusters, names and copies need the
estate, which is itself read from the hub. Until one is declared they say so as UnavailableError,
and an operator waits.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass

from hospital.errors import UnavailableError
from hospital.estate import Estate
from hospital.freeze import open_window
from hospital.move import Migration
from providers.access import Access
from providers.acts import Kit
from providers.application_hosts import HostWorkloads
from providers.archive import EvidenceCopies, buckets
from providers.bmc import BmcHands
from providers.database_ends import DatabaseEnds
from providers.dns import DnsNames
from providers.evidence import HubEvidence
from providers.hub import Hub
from providers.kubernetes import Cluster, SiteClusters
from providers.logical import LogicalHands
from providers.ports import (
    DatabaseHands,
    EvidenceArchive,
    NameHands,
    PowerHands,
    WorkloadHands,
)
from providers.postgres import PostgresHands
from providers.probe import TcpProbe
from providers.prospect import Prospect
from providers.rehearsing import Rehearsing, Tables, edge_caller
from providers.sessions import Credentials, onlooker, places
from providers.standby_rows import standby_rows
from providers.tiers import Tiers

NAME_SECONDS = 0.3  # a dark site's DNS server must not cost every name a second


@dataclass(frozen=True, slots=True)
class _Declared:
    """Adapters of one declared estate."""

    databases: PostgresHands
    workloads: Tiers
    names: DnsNames
    archive: EvidenceCopies
    kit: Kit


class Reach:
    """The real world, as reached from ``site``."""

    def __init__(self, site: str, *, hub: str, access: Access) -> None:
        """``hub`` is the URL of the hub's API server at this site."""
        self._site = site
        self._access = access
        self._declared: _Declared | None = None
        cluster = Cluster(hub, access)
        self.hub = self.leases = Hub(cluster, identity=f"operator-{site}")
        self.stories = Hub(cluster, identity=f"operator-{site}")
        self.evidence = HubEvidence(cluster, access)
        self.probe = TcpProbe()
        self.power: PowerHands = BmcHands(access)

    def adopt(self, estate: Estate) -> None:
        """Reach what ``estate`` declares from now on.

        What an earlier estate was reached by is left to steps that still hold it.
        """
        hands = PostgresHands(estate, self._access, site=self._site)
        self._declared = _Declared(
            databases=hands,
            workloads=Tiers(
                estate,
                pods=SiteClusters(estate, self._access),
                hosts=HostWorkloads(estate, self._access),
            ),
            names=DnsNames(estate.domain, self._access, timeout=NAME_SECONDS),
            archive=EvidenceCopies(self.evidence, buckets(estate, self._access)),
            kit=self._kit(estate, hands),
        )

    def kit(self) -> Kit:
        """What migrations need besides."""
        return self._now().kit

    def _kit(self, estate: Estate, hands: PostgresHands) -> Kit:
        servers, credentials = places(estate), Credentials.of(self._access)
        streams = LogicalHands(servers, credentials)
        ends = DatabaseEnds(
            self._site, streams, servers, onlooker(self._access), machine=hands.machine
        )

        def tables(estate: Estate, migration: Migration) -> AbstractContextManager[Tables]:
            return standby_rows(estate, migration, self._access)

        return Kit(
            streams=streams,
            trials=Rehearsing(call=edge_caller(self._access), tables=tables, now=time.time),
            prospect=Prospect(self._site, self._access, self.hub, databases=ends, line=ends.line),
            frozen=lambda estate, now: open_window(estate.freezes, now),
        )

    @property
    def databases(self) -> DatabaseHands:
        """PostgreSQL under Patroni."""
        return self._now().databases

    @property
    def workloads(self) -> WorkloadHands:
        """Workloads at their sites, as pods or on hosts."""
        return self._now().workloads

    @property
    def names(self) -> NameHands:
        """DNS answers."""
        return self._now().names

    @property
    def archive(self) -> EvidenceArchive:
        """Copies of evidence in the clouds' buckets."""
        return self._now().archive

    def _now(self) -> _Declared:
        if self._declared is None:
            raise UnavailableError("hub", "no estate is declared yet: run `pulumi up`")
        return self._declared
