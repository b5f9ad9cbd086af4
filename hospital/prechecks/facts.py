"""Everything that a check may ask before a migration, as plain values with units and sources.

Gathered by adapters, judged by the checks beside this file. A fact that nobody could read is None
and gives the answer "unknown", never a pass; an empty tuple says that somebody looked and found
none. Nothing secret belongs here: no password, no row of a patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hospital.estate import Architecture, Assessment, Estate, Host, Site, Workload
from hospital.freeze import Freeze
from hospital.move import Bounds, Method
from hospital.prechecks.database import DatabaseFacts

__all__ = [
    "Assessment",
    "BackupFacts",
    "CertificateFacts",
    "ComponentFacts",
    "DatabaseFacts",
    "Facts",
    "Freeze",
    "ImageFacts",
    "LicenceFacts",
    "Method",
    "NameFacts",
    "NodeFacts",
    "PathFacts",
    "PolicyFacts",
    "PortFacts",
    "QuotaFacts",
    "RoomFacts",
]


@dataclass(frozen=True, slots=True)
class ComponentFacts:
    """One container that the workload's manifests start at the target, init containers too."""

    name: str  # "Deployment/his/service": kind, object, container
    image: str  # reference as the manifest names it
    init: bool = False
    # The annotation xinglin.dev/cpu-features of its pod: "avx2", "sve"; () where it names none.
    cpu_features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One image of one architecture, from an OCI archive's or a registry's manifest and layers."""

    reference: str  # as ``ComponentFacts.image`` names it
    architecture: Architecture
    libc: str | None = None  # "glibc 2.36", "musl 1.2.5", "static"; None: layers could not be read
    locale: str | None = None  # LANG or LC_ALL of its configuration; "" sets none
    # Label xinglin.dev/cpu-features of its configuration; None: it could not be read.
    cpu_features: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """One Kubernetes node, from its status and, by a playbook or a pod, from the machine."""

    site: str
    name: str
    architecture: Architecture  # status.nodeInfo.architecture
    ready: bool  # condition Ready
    kernel: str | None = None  # status.nodeInfo.kernelVersion: "6.1.0-21-arm64"
    millicores: int | None = None  # status.allocatable.cpu
    mebibytes: int | None = None  # status.allocatable.memory
    page_bytes: int | None = None  # getconf PAGESIZE: 4096, 16384 or 65536 on ARM
    cpu_flags: tuple[str, ...] | None = None  # /proc/cpuinfo flags or Features, lower case
    simulated: bool = False  # KWOK plays it: nothing would run there


@dataclass(frozen=True, slots=True)
class PortFacts:
    """One TCP call that the move needs, tried from where it will be made."""

    purpose: str  # "copy", "reverse sync", "workload": who calls
    origin: str  # site or host id that calls
    address: str  # "address:port" that is called
    answers: bool  # a connection was accepted


@dataclass(frozen=True, slots=True)
class PathFacts:
    """The network between the present site and the target, measured."""

    latency_seconds: float | None = None  # round trip: median of TCP connects
    bandwidth_bytes_per_second: float | None = None  # a measured transfer of some seconds
    loss_ratio: float | None = None  # lost of sent, 0 to 1
    # From the target to the source's database (copy), and back (reverse sync after the cutover).
    forward: tuple[PortFacts, ...] | None = None
    back: tuple[PortFacts, ...] | None = None


@dataclass(frozen=True, slots=True)
class NameFacts:
    """The DNS name at which clients find the workload."""

    name: str  # "his.hospital.test"
    ttl_seconds: int | None = None  # the longest of the sites' servers
    answers: Mapping[str, tuple[str, ...]] | None = None  # site of the server → addresses


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A certificate that the target shows to clients, or that its database shows."""

    place: str  # "10.2.0.21:443"
    names: tuple[str, ...]  # DNS names and addresses of subjectAltName
    not_after: float  # epoch seconds
    purpose: str = "ingress"  # "ingress", "database"


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """What the target can still hold, from its nodes and what runs there."""

    millicores: int  # allocatable of all ready nodes
    mebibytes: int
    used_millicores: int  # requested by what runs there now, this workload left out
    used_mebibytes: int
    largest_node_millicores: int  # of the largest node: what N+1 must do without
    largest_node_mebibytes: int
    nodes: int


@dataclass(frozen=True, slots=True)
class QuotaFacts:
    """One limit at the target, a ResourceQuota's or the cloud account's."""

    name: str  # "requests.cpu", "pods", "instances"
    scope: str  # "namespace his", "account"
    limit: int  # all three in the same unit
    used: int
    needed: int  # what the workload will ask for besides
    unit: str = ""  # "m", "MiB"


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """The newest backup of the source, as its tool says."""

    age_seconds: float  # since its end
    site: str  # where it lies
    restored_age_seconds: float | None = None  # since one was last restored as a test; None: never


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """A licence of a commercial part, as the hospital declares it."""

    product: str
    bound_to: str  # "hardware" (dongle, CPU id, MAC), "site", "none"
    valid_at_target: bool  # the vendor has confirmed it for the target in writing
    valid_until: float | None = None  # epoch seconds; None: it does not end


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """One finding of the rules about the workload as it would be at the target."""

    rule: str
    resource: str  # "Workload/his-campus-arm"
    mandatory: bool
    title_zh: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it; the first six are always known, since without them nothing can be asked."""

    estate: Estate
    workload: Workload
    source_site: str  # where it runs now: Workload.status.activeSite in the hub
    target_site: str
    method: Method
    now: float  # epoch seconds, of whoever asks

    # -- databases; None where the workload has none, or nobody could ask
    source: DatabaseFacts | None = None
    target: DatabaseFacts | None = None
    target_database: str = ""  # name of the declared cluster at the target; "" none is declared

    # -- programs and machines
    components: tuple[ComponentFacts, ...] | None = None  # from the generated manifests
    images: tuple[ImageFacts, ...] | None = None
    nodes: tuple[NodeFacts, ...] | None = None  # of both sites

    # -- network
    path: PathFacts | None = None
    name: NameFacts | None = None
    certificates: tuple[CertificateFacts, ...] | None = None
    round_trips_per_request: float | None = None  # database calls of one request of a client
    request_seconds: float | None = None  # p95 of one request now, at the client
    # Seconds from the clock of whoever asks; by host id or site.
    clock_offsets: Mapping[str, float] | None = None

    # -- room
    room: RoomFacts | None = None
    quotas: tuple[QuotaFacts, ...] | None = None

    # -- duties
    backup: BackupFacts | None = None
    licences: tuple[LicenceFacts, ...] | None = None
    policy_findings: tuple[PolicyFacts, ...] | None = None
    grades: Assessment | None = None  # of the target site, as declared

    # -- what else goes on
    active: Mapping[str, str] | None = None  # every workload → site where it runs, from the hub
    recovery_actions: tuple[str, ...] | None = None  # unfinished, of its plan or its database
    migrations: tuple[str, ...] | None = None  # unfinished others of this workload
    # Its namespace, Secret and objects are at the target; on hosts, program, settings and unit.
    configured: bool | None = None
    bounds: Bounds = field(default_factory=Bounds)  # of this migration
    freezes: tuple[Freeze, ...] | None = None  # as declared
    cutover_at: datetime | None = None  # local time, planned; None: not planned yet

    @property
    def here(self) -> Site:
        """The site where it runs now."""
        return self.estate.site(self.source_site)

    @property
    def there(self) -> Site:
        """The site that it is to move to."""
        return self.estate.site(self.target_site)

    @property
    def hosts_here(self) -> tuple[Host, ...]:
        """The hosts that run it now; () where it runs as pods."""
        return self.workload.hosts_at(self.here)

    @property
    def hosts_there(self) -> tuple[Host, ...]:
        """The hosts that it moves to; () where it will run as pods."""
        return self.workload.hosts_at(self.there)
