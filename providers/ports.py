"""The ports: what recovery asks of each world, the same for real adapters and ``memory.py``.

Every method raises only ``hospital.errors``. Every method with an effect is
idempotent: called again after a crash it finishes what it began and says so.
Observing methods never block longer than ``timeout`` seconds (adapters take it
in their constructor; one second where nothing else is said).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hospital.codec import HubObject
from hospital.estate import Database, Host, Site, Workload
from hospital.move import Migration, MoveSeen, Order, Override
from hospital.rehearsal import Comparison
from hospital.story import Action, DatabaseSeen, StepRecord, WorkloadSeen


@dataclass(frozen=True, slots=True)
class HandoverToken:
    """Where a planned switchover handed over: the target has replayed at least this."""

    timeline: int
    lsn: str  # PostgreSQL form, "0/3000148"


class DatabaseHands(Protocol):
    """PostgreSQL under Patroni (``providers/postgres.py``)."""

    def observe(self, database: Database) -> DatabaseSeen:
        """Leader, lease and /sync from the store; who is writable, asked directly."""

    def reachable(self, host: Host) -> bool:
        """Whether the host lives; one whose Patroni is merely restarting does."""

    def withdraw(self, database: Database, *, candidate: Host, from_host: Host) -> None:
        """Make ``candidate`` receive nothing more from ``from_host``; return only when verified.

        Raises UnavailableError when it could not be verified.
        """

    def restore(self, database: Database, *, candidate: Host, from_host: Host) -> None:
        """Lift the withdrawal."""

    def withdrawn(self, database: Database, *, candidate: Host, from_host: Host) -> bool:
        """Whether a withdrawal is in force and verified now."""

    def expire(
        self, database: Database, *, leader: str, lease: str, synchronous: tuple[str, ...]
    ) -> None:
        """End the leadership of ``leader``, if the store still names exactly that leader, that
        lease and those ``synchronous`` candidates; after it, no write of /sync that the old
        leader prepared can succeed (`docs/decisions/0002-withdraw-then-expire.md`).

        A store that names another leader, or none, is success: it has expired already.
        Raises UnavailableError when the candidates changed: nothing was done, look again.
        """

    def switchover(self, database: Database, *, target: Host) -> HandoverToken:
        """Planned move of the primary; returns when ``target`` is writable."""


class PowerHands(Protocol):
    """Baseboard management controllers (``providers/bmc.py``)."""

    def is_on(self, host: Host) -> bool:
        """The power state as the BMC reads it back; UnavailableError if it does not answer."""

    def power_off(self, host: Host) -> None:
        """Off, verified by reading back; UnavailableError if it cannot be verified."""

    def power_on(self, host: Host) -> None:
        """On, verified by reading back."""


class WorkloadHands(Protocol):
    """Workloads at their sites (``providers/tiers.py``): as pods of the site's cluster
    (``providers/kubernetes.py``) or on its hosts (``providers/application_hosts.py``).
    """

    def scale(self, workload: Workload, *, site: str, replicas: int) -> None:
        """Ask for so many replicas; of Deployments as field manager ``xinglin-recovery``."""

    def observe(self, workload: Workload, *, site: str) -> WorkloadSeen:
        """Wanted and ready replicas at a site."""

    def running(self, workload: Workload, *, site: str) -> int:
        """Replicas at a site that run, ready or not: pods whose containers all do, programs."""

    def survey(self, workloads: Iterable[Workload], *, site: str) -> tuple[WorkloadSeen, ...]:
        """The same for many at once, in their order, at the price of one.

        A workload of which nobody answers is left out.
        """


class NameHands(Protocol):
    """DNS answers (``providers/dns.py``)."""

    def point(self, name: str, *, address: str, servers: Iterable[str]) -> tuple[str, ...]:
        """Make ``name`` answer ``address`` at every server that is up; returns those that took it.

        Raises UnavailableError when no server took it.
        """

    def answer(self, name: str, *, server: str) -> str:
        """The address that one server answers; "" for none."""


class HubStore(Protocol):
    """What operators and console keep in the hub (``providers/kubernetes.py``)."""

    def actions(self) -> tuple[Action, ...]:
        """All RecoveryActions with their step records."""

    def create_action(self, action: Action) -> None:
        """Ask for an action; RefusedError if the name exists."""

    def record(
        self, action: str, *, records: tuple[StepRecord, ...], phase: str, message: str
    ) -> None:
        """Write phase and step records; RefusedError on a lost race (another operator wrote)."""

    def migrations(self) -> tuple[Migration, ...]:
        """All Migrations with their step records, oldest first."""

    def create_migration(self, migration: Migration) -> None:
        """Ask for a migration; RefusedError if the name exists."""

    def order(self, migration: str, order: Order) -> None:
        """Give an order; RefusedError if there is no such migration or a later order was given."""

    def override(self, migration: str, overrides: tuple[Override, ...]) -> None:
        """Take failing prechecks on, besides those taken on before."""

    def record_migration(
        self,
        migration: Migration,
        *,
        seen: MoveSeen | None = None,
        checks: tuple[Mapping[str, Any], ...] | None = None,
        comparison: Comparison | None = None,
    ) -> None:
        """Write where a migration stands; RefusedError on a lost race (another operator, or an
        order, wrote). ``seen``, ``checks`` and ``comparison`` are told to people, and stay as they
        were where they are None.
        """

    def migration_status(self, migration: str) -> Mapping[str, Any]:
        """The status as plain data: ``checks`` and ``rehearsal.report`` too; empty if it is gone.

        ``hospital.codec.decode(Comparison, status["rehearsal"]["report"])`` reads a report.
        """

    def active_sites(self) -> dict[str, str]:
        """Workload → site where it runs now; and ``database/<name>`` → host id of its primary."""

    def set_active(self, *, subject: str, site: str) -> None:
        """Record where a workload (or ``database/<name>``) runs now."""

    def declared(self) -> tuple[HubObject, ...]:
        """Every Site, Workload and RecoveryPlan; ``hospital.codec.estate_from`` reads them."""

    def set_status(self, kind: str, name: str, *, status: Mapping[str, Any]) -> None:
        """Merge ``status`` into the object's status subresource (JSON merge patch).

        ``kind`` is ``Site``, ``Workload``, ``RecoveryPlan``, ``RecoveryAction`` or ``Migration``;
        fields that are not named stay; an object that is gone is no error.
        """

    def announce(
        self, kind: str, name: str, *, reason: str, message: str, warning: bool = False
    ) -> None:
        """A Kubernetes Event about a hub object, in namespace ``xinglin``."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A ``coordination.k8s.io/v1`` Lease in the hub's namespace ``xinglin``."""

    name: str  # "leader" | "site-<site>"
    holder: str  # "" when it was given up
    renewed: float  # seconds since the epoch, by the holder's clock
    duration_seconds: float
    annotations: Mapping[str, str] = field(default_factory=dict)
    version: str = ""  # the API's resourceVersion; "" for a Lease that does not exist yet


class LeaseStore(Protocol):
    """Leases of the hub (``providers/kubernetes.py``), the operators' only shared memory."""

    def leases(self) -> tuple[Lease, ...]:
        """All Leases in the hub's namespace, by one quorum read."""

    def write(self, lease: Lease) -> Lease:
        """Compare and swap on ``lease.version`` (create when it is ""); returns what is stored.

        Raises RefusedError when another writer was first.
        """


class EvidenceStore(Protocol):
    """The chain of signed records in the hub (``providers/evidence.py``)."""

    def append(self, record: Mapping[str, Any]) -> int:
        """Chain, sign and keep ``record``; returns its sequence number.

        A record whose ``action`` is already in the chain is success: its number is returned.
        """


class EvidenceArchive(Protocol):
    """Copies of the chain outside the hub (``providers/archive.py``)."""

    def copy(self) -> tuple[str, ...]:
        """Copy records that have no copy yet, oldest first; ``<record> at <site>`` of each.

        Raises what kept a site from its copies, after all others have theirs.
        """


class SiteProbe(Protocol):
    """Whether another site answers on the network (``providers/probe.py``)."""

    def reachable(self, site: Site) -> bool:
        """Whether the site's own API server or its hub API server accepts a TLS connection."""
