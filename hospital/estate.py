"""The nouns of an estate: what one declaration describes.

Values only, frozen and comparable. How they are read from YAML is
``stacks/estate.py``; what makes them valid is ``hospital/declaration.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from hospital.freeze import Freeze


class SiteKind(StrEnum):
    """What kind of data centre a site is."""

    ON_PREM = "on-prem"  # ours: hosts have BMCs, so a fence can be verified
    PUBLIC_CLOUD = "public-cloud"  # rented: network, buckets, DNS through the cloud's API


class Architecture(StrEnum):
    """CPU architectures by their OCI names (`docs/nouns.md`)."""

    AMD64 = "amd64"
    ARM64 = "arm64"
    LOONG64 = "loong64"


class Tier(StrEnum):
    """Hospital service tiers; practice, in no national standard."""

    A = "A"  # life-critical or core transaction
    B = "B"  # important clinical
    C = "C"  # general business
    D = "D"  # supporting, may wait


class Replication(StrEnum):
    """How a database reaches its standby site."""

    SYNCHRONOUS = "synchronous"  # a commit waits for another site: RPO 0
    ASYNCHRONOUS = "asynchronous"  # a commit does not wait: RPO above 0


class Mode(StrEnum):
    """Who may start a failover."""

    AUTOMATIC = "automatic"  # the operators, under invariant I5
    CONFIRM = "confirm"  # a person, with one command


class HostRole(StrEnum):
    """What a host that playbooks configure is for."""

    DATABASE = "database"  # PostgreSQL under Patroni
    EDGE = "edge"  # HAProxy: the site's ingress and its way to the database primary
    APPLICATION = "application"  # workloads that run here and not as pods of the site's cluster


@dataclass(frozen=True, slots=True)
class Bmc:
    """Where a host's baseboard management controller answers IPMI (UDP)."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Host:
    """A machine reached by SSH; ``name`` is unique in its site."""

    name: str
    site: str
    address: str
    architecture: Architecture
    roles: tuple[HostRole, ...]
    bmc: Bmc | None = None

    @property
    def id(self) -> str:
        """Name that is unique in the estate: ``<site>-<name>``."""
        return f"{self.site}-{self.name}"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a site's services answer: URLs, or ``address:port``; empty means not there."""

    kubernetes: str  # https URL of the site's own API server
    hub: str  # https URL of the hub's API server at this site
    etcd: str  # https URL of the hub's etcd member at this site
    dns: str  # address:port of the site's DNS server (RFC 2136 updates, TSIG)
    ingress: str  # address that clients are sent to
    cloud: str = ""  # https URL of the AWS-compatible API; public clouds only


@dataclass(frozen=True, slots=True)
class Assessment:
    """For which levels a site's platform was assessed, as the hospital's papers say."""

    mlps_level: int  # 等保, GB/T 22239-2019: filed and assessed
    crypto_level: int = 0  # 密评, GB/T 39786-2021: passed; 0: none
    until: date | None = None  # the last day on which it counts; None: the papers name none


@dataclass(frozen=True, slots=True)
class Site:
    """One failure domain: what burns together."""

    name: str
    kind: SiteKind
    failure_domain: str
    country: str  # ISO 3166-1 alpha-2, decides data residency
    region: str
    architectures: tuple[Architecture, ...]
    products: tuple[str, ...]  # ids in the 信创 catalogue (CPU, operating system, ...)
    endpoints: Endpoints
    hosts: tuple[Host, ...] = ()
    capacity_millicores: int = 0  # application CPU that the site can hold
    capacity_mebibytes: int = 0  # application memory that the site can hold
    zones: tuple[str, ...] = ("internal", "dmz", "device")  # network zones that the site has
    assessed: Assessment | None = None  # None: nobody has said


@dataclass(frozen=True, slots=True)
class Link:
    """A network between two sites."""

    sites: tuple[str, str]
    latency: timedelta
    bandwidth_mbps: int
    private: bool
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Database:
    """One database cluster, one primary at a time; workloads hold databases in it."""

    name: str
    product: str  # id in the 信创 catalogue, or an open-source engine
    version: str
    replication: Replication
    members: tuple[str, ...]  # host ids; the first is at the home site
    encrypted_at_rest: bool = True
    backup_site: str = ""
    edge_port: int = 5432  # at every site's edge host, which leads to the primary wherever it is


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule that a workload may break for a while: who answers for it, and what is done instead.

    It is shown at every gate and in every report; after its last day it waives nothing.
    """

    rule: str  # id
    reason: str
    owner: str  # the person who signed
    until: date  # its last day
    control: str  # the compensating control


@dataclass(frozen=True, slots=True)
class ResourceWaiver(Waiver):
    """A waiver for any one resource, by its id."""

    resource: str = ""  # as reports write it, such as ``Host/db-campus-x86``


@dataclass(frozen=True, slots=True)
class Policy:
    """What an estate sets of the rules, and what it waives besides its workloads' own waivers."""

    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by rule and name
    waivers: tuple[ResourceWaiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Workload:
    """One hospital system as declared here: its catalogue entry with this estate's placement."""

    name: str
    title_zh: str
    title_en: str
    category: str  # one of the 12 categories of the catalogue
    tier: Tier
    rto: timedelta
    rpo: timedelta
    data_level: int  # GB/T 39725-2020, 1 to 5
    mlps_level: int  # 等保, GB/T 22239-2019
    crypto_level: int  # 密评, GB/T 39786-2021
    zone: str  # "internal" | "dmz" | "device"
    architectures: tuple[Architecture, ...]
    depends_on: tuple[str, ...]
    database: str  # name of a Database; "" for none
    replicas: int
    cpu_millicores: int  # request per replica
    memory_mebibytes: int  # request per replica
    node_port: int  # the port on every node behind the site's ingress
    products: tuple[str, ...] = ()
    home: str = ""
    standbys: tuple[str, ...] = ()  # sites, in order of preference
    waivers: tuple[Waiver, ...] = ()
    rehearses: str = ""  # the workload that this one rehearses; "" for one that serves patients
    hosts: tuple[str, ...] = ()  # host ids, one for each replica; at their sites it has no pods

    @property
    def account(self) -> str:
        """Its role and its database in a cluster: names that SQL takes unquoted."""
        return self.name.replace("-", "_")

    @property
    def sites(self) -> tuple[str, ...]:
        """Where the workload is deployed: home first."""
        return (self.home, *self.standbys)

    def hosts_at(self, site: Site) -> tuple[Host, ...]:
        """The hosts that run it at a site; () where it runs as pods."""
        return tuple(host for host in site.hosts if host.id in self.hosts)


@dataclass(frozen=True, slots=True)
class RecoveryPlan:
    """What to do when ``home`` is lost, for a group of workloads and the database that follows."""

    name: str
    home: str
    standbys: tuple[str, ...]
    mode: Mode
    replication: Replication
    workloads: tuple[str, ...]
    database: str = ""  # the database whose primary this plan moves; "" for none
    rto: timedelta = timedelta(minutes=15)
    rpo: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class DeclaredMigration:
    """Where a workload may be moved to, into a database of its own there; nothing moves by it.

    It prepares that site: role and database, objects without a pod, and a rehearsal.
    """

    workload: str
    to: str  # a site that is neither its home nor a standby
    database: str  # a Database with a member at that site, not the workload's own


@dataclass(frozen=True, slots=True)
class DeclaredMove:
    """A migration that `pulumi up` begins, once; how it goes on is ordered by people."""

    name: str  # of the Migration, at most 40 characters
    workload: str
    to: str  # a site to which the declaration knows a way
    reason: str
    requested_by: str


@dataclass(frozen=True, slots=True)
class DatabaseWay:
    """How a site's pods reach a database: its name, sent to the site's edge host, and the port."""

    name: str
    port: int


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything that one declaration describes."""

    name: str
    title_zh: str
    title_en: str
    domain: str  # DNS zone of the hospital's services, without trailing dot
    sites: tuple[Site, ...]
    links: tuple[Link, ...]
    databases: tuple[Database, ...]
    workloads: tuple[Workload, ...]
    plans: tuple[RecoveryPlan, ...]
    source: str = ""  # the file it was read from
    policy: Policy = field(default_factory=Policy)  # of the rules; operators never ask
    migrations: tuple[DeclaredMigration, ...] = ()
    freezes: tuple[Freeze, ...] = ()  # when nothing is cut over unless forced
    moves: tuple[DeclaredMove, ...] = ()  # in the hub each is a Migration of its own
    clients: tuple[str, ...] = ()  # organisations whose certificates the edges admit; (): anybody

    def site(self, name: str) -> Site:
        """The site of that name; ``KeyError`` if the estate has none."""
        return _named(self.sites, name)

    def workload(self, name: str) -> Workload:
        """The workload of that name; ``KeyError`` if the estate has none."""
        return _named(self.workloads, name)

    def database(self, name: str) -> Database:
        """The database of that name; ``KeyError`` if the estate has none."""
        return _named(self.databases, name)

    def plan(self, name: str) -> RecoveryPlan:
        """The recovery plan of that name; ``KeyError`` if the estate has none."""
        return _named(self.plans, name)

    def host(self, host_id: str) -> Host:
        """The host of that id; ``KeyError`` if the estate has none."""
        for site in self.sites:
            for host in site.hosts:
                if host.id == host_id:
                    return host
        raise KeyError(host_id)

    def database_port(self, name: str) -> int:
        """Where the edge hosts lead to the primary of that database; ``KeyError`` if unknown."""
        return self.database(name).edge_port

    def way(self, workload: Workload, site: str) -> DatabaseWay | None:
        """The database that a workload's pods reach from a site; None if it holds none.

        It is the workload's own but at the target of a declared migration.
        """
        moves = (
            each for each in self.migrations if (each.workload, each.to) == (workload.name, site)
        )
        name = next((each.database for each in moves), workload.database)
        return DatabaseWay(name, self.database_port(name)) if name else None

    @property
    def rehearsals(self) -> tuple[Workload, ...]:
        """A workload for each declared migration: the same service, alone on data of its own.

        They are not among ``workloads``: no recovery, no place and no name is ever theirs.
        """
        taken = {workload.node_port for workload in self.workloads}
        found = []
        for each in sorted(self.migrations, key=lambda one: (one.workload, one.to)):
            rehearsal = _rehearsal(self.workload(each.workload), each, taken=taken)
            taken.add(rehearsal.node_port)
            found.append(rehearsal)
        return tuple(found)

    @property
    def deployments(self) -> tuple[tuple[Workload, Site], ...]:
        """Every workload with each of its sites: home, standbys, and what migrations prepare."""
        standing = [(each, name) for each in self.workloads for name in each.sites]
        prepared = [(self.workload(each.workload), each.to) for each in self.migrations]
        rehearsals = [(each, each.home) for each in self.rehearsals]
        return tuple((each, self.site(name)) for each, name in standing + prepared + rehearsals)

    def served_at(self, site: str) -> tuple[Workload, ...]:
        """Every workload that can serve patients at a site: no rehearsal can."""
        found = self.deployments
        return tuple(each for each, at in found if at.name == site and not each.rehearses)

    def missing(self) -> tuple[str, ...]:
        """What is named in this estate and not (or not yet) declared, sorted.

        An estate is declared object by object: until the last is there, nobody may act on it.
        """
        sites = {site.name for site in self.sites}
        hosts = {host.id for site in self.sites for host in site.hosts}
        workloads = {workload.name for workload in self.workloads}
        named = {name for database in self.databases for name in database.members} - hosts
        named |= {name for each in self.workloads for name in each.sites} - sites
        named |= {name for each in self.workloads for name in each.hosts} - hosts
        named |= {name for each in self.workloads for name in each.depends_on} - workloads
        named |= {name for plan in self.plans for name in (plan.home, *plan.standbys)} - sites
        named |= {name for plan in self.plans for name in plan.workloads} - workloads
        named |= {each.to for each in self.migrations} - sites
        named |= {each.workload for each in self.migrations} - workloads
        used = {each.database for each in self.workloads} | {each.database for each in self.plans}
        used |= {each.database for each in self.migrations}
        named |= used - {one.name for one in self.databases} - {""}
        return tuple(sorted(named))

    def host_name(self, workload: str) -> str:
        """The DNS name at which a workload answers."""
        return f"{workload}.{self.domain}"

    def bucket(self, site: str) -> str:
        """The object bucket at a public-cloud site, for backups and copies of evidence."""
        return f"xinglin-{self.name}-{site}"


_NODE_PORTS = range(30000, 32768)
_REHEARSAL_PORTS = 1000  # so far above the workload's own
_REHEARSAL_OBJECTIVE = timedelta(days=1)


def rehearsal_name(workload: str) -> str:
    """What the rehearsal of a workload is called."""
    return f"{workload}-rehearsal"


def _rehearsal(workload: Workload, migration: DeclaredMigration, *, taken: set[int]) -> Workload:
    first = workload.node_port - _NODE_PORTS.start + _REHEARSAL_PORTS
    ports = (_NODE_PORTS[(first + step) % len(_NODE_PORTS)] for step in range(len(_NODE_PORTS)))
    return replace(
        workload,
        name=rehearsal_name(workload.name),
        tier=Tier.D,  # nobody waits for it, and it promises nothing
        rto=_REHEARSAL_OBJECTIVE,
        rpo=_REHEARSAL_OBJECTIVE,
        home=migration.to,
        standbys=(),
        database=migration.database,
        replicas=1,
        node_port=next(port for port in ports if port not in taken),
        depends_on=(),
        rehearses=workload.name,
    )


_Noun = TypeVar("_Noun", Site, Workload, Database, RecoveryPlan)


def _named(nouns: tuple[_Noun, ...], name: str) -> _Noun:
    for noun in nouns:
        if noun.name == name:
            return noun
    raise KeyError(name)
