"""The form of a declaration: every field that an estate may have, written once.

Validation, suggestions and the editor's schema are all derived from ``ESTATE``.
What it cannot express (names that must exist, cycles, failure domains) is in
``hospital/consistency.py``. No default may ever make an estate less safe than
what its author would have written: security is on and loss is zero unless said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hospital.calendar_form import FREEZE
from hospital.estate import (
    Architecture,
    Assessment,
    Bmc,
    Database,
    DeclaredMigration,
    DeclaredMove,
    Endpoints,
    Host,
    HostRole,
    Link,
    Mode,
    Policy,
    RecoveryPlan,
    Replication,
    ResourceWaiver,
    Site,
    SiteKind,
    Tier,
    Waiver,
)
from hospital.kinds import (
    address,
    bandwidth,
    boolean,
    choice,
    cpu,
    day,
    domain,
    duration,
    integer,
    label,
    memory,
    organization,
    socket_address,
    text,
    url,
)
from hospital.lawful import lawful
from hospital.parameters import of, rules
from hospital.records import Field, ListOf, Record
from hospital.rule import Parameter

API_VERSION = "xinglin.dev/v1alpha1"
ZONES = ("internal", "dmz", "device")

_ARCHITECTURES = ListOf(choice(Architecture), at_least=1)
_NAMES = ListOf(label())


def _site(**found: Any) -> Site:
    """A site whose hosts know which site they are at."""
    capacity: Mapping[str, Any] = found.pop("capacity", {})
    name = found["name"]
    hosts = tuple(Host(site=name, **host) for host in found.pop("hosts", ()))
    return Site(hosts=hosts, **capacity, **found)


_BMC = Record(
    (
        Field("address", address(), "address of the BMC", required=True),
        Field("port", integer(1, 65535), "UDP port of IPMI", default=623),
    ),
    Bmc,
)

_HOST = Record(
    (
        Field("name", label(), "unique in its site", required=True),
        Field("address", address(), "address for SSH", required=True),
        Field("architecture", choice(Architecture), "CPU architecture", required=True),
        Field("roles", ListOf(choice(HostRole), at_least=1), "what it is for", required=True),
        Field("bmc", _BMC, "baseboard management controller; makes a fence verifiable"),
    ),
    dict,
)

_ENDPOINTS = Record(
    (
        Field("kubernetes", url("https"), "the site's own API server", required=True),
        Field("hub", url("https"), "the hub's API server at this site", required=True),
        Field("etcd", url("https"), "the hub's etcd member at this site", required=True),
        Field("dns", socket_address(), "DNS server that takes signed updates", required=True),
        Field("ingress", address(), "address that clients are sent to", required=True),
        Field("cloud", url("https", "http"), "AWS-compatible API; public clouds", default=""),
    ),
    Endpoints,
)

_CAPACITY = Record(
    (
        Field(
            "cpu", cpu(), "application CPU: cores or millicores", True, into="capacity_millicores"
        ),
        Field("memory", memory(), "application memory", True, into="capacity_mebibytes"),
    ),
    dict,
)

_ASSESSMENT = Record(
    (
        Field("mlpsLevel", integer(1, 4), "等保 level, GB/T 22239-2019", required=True),
        Field("cryptoLevel", integer(0, 4), "密评 level, GB/T 39786-2021; 0: none", default=0),
        Field("until", day(), "last day on which it counts", default=None),
    ),
    Assessment,
)

_SITE = Record(
    (
        Field("name", label(), "unique in the estate", required=True),
        Field("kind", choice(SiteKind), "on-prem or public-cloud", required=True),
        Field("failureDomain", text(), "what burns together", required=True),
        Field(
            "country",
            text("^[A-Z]{2}$", what="an ISO 3166-1 alpha-2 country"),
            "decides data residency",
            required=True,
        ),
        Field("region", text(), "province, or the cloud's region", required=True),
        Field("architectures", _ARCHITECTURES, "CPU architectures of its nodes", required=True),
        Field("products", _NAMES, "ids in the product catalogue", default=()),
        Field("zones", ListOf(choice(ZONES), at_least=1), "network zones it has", default=ZONES),
        Field("capacity", _CAPACITY, "what applications may use", required=True),
        Field("endpoints", _ENDPOINTS, "where its services answer", required=True),
        Field("hosts", ListOf(_HOST), "machines that playbooks configure", default=()),
        Field("assessed", _ASSESSMENT, "levels that its platform was assessed for", default=None),
    ),
    _site,
)

_LINK = Record(
    (
        Field("sites", ListOf(label(), exactly=2), "the two ends", required=True),
        Field("latency", duration(), "one way and back", required=True),
        Field("bandwidth", bandwidth(), "of the line", required=True, into="bandwidth_mbps"),
        Field("private", boolean(), "a line of our own", required=True),
        Field("encrypted", boolean(), "encrypted on the way", required=True),
    ),
    Link,
)

_DATABASE = Record(
    (
        Field("name", label(), "unique in the estate", required=True),
        Field("product", label(), "id in the product catalogue", required=True),
        Field("version", text(), "major version, in quotes", required=True),
        Field("replication", choice(Replication), "how it reaches its standbys", required=True),
        Field("members", ListOf(label(), at_least=1), "host ids, home first", required=True),
        Field("encryptedAtRest", boolean(), "disks are encrypted", default=True),
        Field("backupSite", label(), "where backups go", default=""),
        Field("edgePort", integer(1024, 65535), "port at the edges; 5432 and on", default=0),
    ),
    Database,
)

_WAIVER = Record(
    (
        Field("rule", text(r"^[a-z][a-z0-9_]*$", what="the id of a rule"), "id", required=True),
        Field("reason", text(), "why the rule is broken", required=True),
        Field("owner", text(), "the person who signed", required=True),
        Field("until", day(), "its last day", required=True),
        Field("control", text(), "what is done instead", required=True),
    ),
    Waiver,
)

_WORKLOAD = Record(
    (
        Field("name", label(), "a workload of the catalogue", required=True),
        Field("home", label(), "site where it normally runs", required=True),
        Field("standbys", _NAMES, "sites in order of preference", default=()),
        Field("database", label(), "database that holds its data"),
        Field("tier", choice(Tier), "A life-critical to D may wait"),
        Field("rto", duration(), "longest outage"),
        Field("rpo", duration(), "longest loss"),
        Field("dataLevel", integer(1, 5), "GB/T 39725-2020 data level"),
        Field("mlpsLevel", integer(1, 4), "等保 level, GB/T 22239-2019"),
        Field("cryptoLevel", integer(1, 4), "密评 level, GB/T 39786-2021"),
        Field("zone", choice(ZONES), "network zone"),
        Field("architectures", _ARCHITECTURES, "what its images are built for"),
        Field("dependsOn", _NAMES, "workloads that must answer before it"),
        Field("replicas", integer(1, 1000), "where it runs"),
        Field("cpu", cpu(), "request per replica", into="cpu_millicores"),
        Field("memory", memory(), "request per replica", into="memory_mebibytes"),
        Field("nodePort", integer(30000, 32767), "port on every node"),
        Field("products", _NAMES, "ids in the product catalogue"),
        Field("hosts", _NAMES, "host ids, one a replica: no pods at their sites"),
        Field("waivers", ListOf(_WAIVER), "rules that it may break for a while"),
    ),
    dict,
    title="Workload: what is said here is laid over its catalogue entry",
)

_PLAN = Record(
    (
        Field("name", label(), "unique in the estate", required=True),
        Field("home", label(), "site whose loss it answers", required=True),
        Field("standbys", ListOf(label(), at_least=1), "sites in preference", required=True),
        Field("mode", choice(Mode), "who may start a failover", required=True),
        Field("replication", choice(Replication), "what it relies on", required=True),
        Field("database", label(), "database whose primary it moves", default=""),
        Field("rto", duration(), "longest outage", default=timedelta(minutes=15)),
        Field("rpo", duration(), "longest loss", default=timedelta(0)),
        Field("workloads", ListOf(label(), at_least=1), "what it brings back", required=True),
    ),
    RecoveryPlan,
)

_MIGRATION = Record(
    (
        Field("workload", label(), "which may move", required=True),
        Field("to", label(), "site where it is neither at home nor standby", required=True),
        Field("database", label(), "database with a member there, not its own", required=True),
    ),
    DeclaredMigration,
)

_MOVE = Record(
    (
        Field("name", text(r"^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$", what="a name"),
              "of the Migration, at most 40 characters", required=True),
        Field("workload", label(), "which moves", required=True),
        Field("to", label(), "site to which the declaration knows a way", required=True),
        Field("reason", text(), "goes into the evidence", required=True),
        Field("requestedBy", text(), "who answers for it", required=True, into="requested_by"),
    ),
    DeclaredMove,
)  # fmt: skip

_TITLE = Record(
    (
        Field("zh", text(), "in Chinese", required=True, into="title_zh"),
        Field("en", text(), "in English", required=True, into="title_en"),
    ),
    dict,
)

_RESOURCE_WAIVER = Record(
    (
        *_WAIVER.fields,
        Field("resource", text(r"^[A-Za-z]+/.+$", what="a resource"), "its id", required=True),
    ),
    ResourceWaiver,
)


def _parameter(parameter: Parameter) -> Field:
    about = f"{parameter.title.zh} / {parameter.title.en}"
    return Field(parameter.name, lawful(parameter), about, into=parameter.name)


_PARAMETERS = Record(
    tuple(
        Field(rule, Record(tuple(map(_parameter, of(rule)))), "of this rule", into=rule)
        for rule in rules()
    )
)

POLICY = Record(
    (
        Field("parameters", _PARAMETERS, "what the estate sets of rules", default={}),
        Field("waivers", ListOf(_RESOURCE_WAIVER), "rules that one resource may break", default=()),
    ),
    Policy,
)
"""What an estate says of the rules; also a file of its own, for plain manifests."""

_SPEC = Record(
    (
        Field("title", _TITLE, "the hospital's name", required=True),
        Field("domain", domain(), "DNS zone of its services", required=True),
        Field("sites", ListOf(_SITE, at_least=1), "failure domains", required=True),
        Field("links", ListOf(_LINK), "networks between sites", default=()),
        Field("databases", ListOf(_DATABASE), "database clusters", default=()),
        Field("workloads", ListOf(_WORKLOAD, at_least=1), "hospital systems", required=True),
        Field("plans", ListOf(_PLAN), "what to do when a site is lost", default=()),
        Field("migrations", ListOf(_MIGRATION), "moves to prepare", default=()),
        Field("moves", ListOf(_MOVE), "moves that `pulumi up` begins, each once", default=()),
        Field("freezes", ListOf(FREEZE), "when nothing is cut over unless forced", default=()),
        Field("policy", POLICY, "parameters of rules, and waivers", default=Policy()),
        Field(
            "clients",
            ListOf(organization()),
            "organisations (O) in whose name a certificate opens the edges; none: anybody",
            default=(),
        ),
    ),
    dict,
)

ESTATE = Record(
    (
        Field("apiVersion", choice((API_VERSION,)), "version of this form", required=True),
        Field("kind", choice(("Estate",)), "always Estate", required=True),
        Field(
            "metadata",
            Record((Field("name", label(), "name of the estate", required=True),), dict),
            "name of the estate",
            required=True,
        ),
        Field("spec", _SPEC, "what the hospital consists of", required=True),
    ),
    dict,
    title="Xinglin estate",
)
"""The whole document."""
