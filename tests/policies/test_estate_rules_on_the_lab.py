"""Every rule over the declared estate, asked of the laboratory's own declaration with one change.

A change that a second rule finds too would be one fact told twice; a change that no rule finds
would pass every gate. What Pulumi makes of a declaration and no ``Estate`` holds (cloud networks,
names, buckets, hosts) is built here with the inputs that ``stacks/components`` and
``stacks/resources.py`` give and the provider's check adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from hospital.estate import Estate, HostRole, Site
from hospital.inventory import inventory
from hospital.rule import SURVEYED, Kind, Resource
from policies.judgement import judge
from policies.nouns import from_estate
from policies.rules import all_rules
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
TODAY = date(2026, 11, 23)
SUMS = {"claimed_level_is_reached"}  # says what several other rules found amounts to
RULES = [
    found
    for found in all_rules()
    if found.family != "kubernetes" and not SURVEYED.issuperset(found.rule.kinds)
]

Plain = dict[str, Any]
Change = Callable[[Any], None]
Finding = tuple[str, str, str]  # rule, resource, reason


def put(value: Any, *path: str | int) -> Change:
    """The change that sets what is at ``path``; things in a list are found by their name."""

    def change(document: Any) -> None:
        holder, last = _holder(document, *path[:-1]), path[-1]
        holder[last] = deepcopy(value)

    return change


def drop(*path: str | int) -> Change:
    """The change that takes away what is at ``path``, which must be there."""

    def change(document: Any) -> None:
        del _holder(document, *path[:-1])[path[-1]]

    return change


def add(value: Any, *path: str | int) -> Change:
    """The change that appends to the list at ``path``."""

    def change(document: Any) -> None:
        _holder(document, *path).append(deepcopy(value))

    return change


def all_of(*changes: Change) -> Change:
    """One thing that takes several places to say."""

    def change(document: Any) -> None:
        for each in changes:
            each(document)

    return change


def _holder(document: Any, *path: str | int) -> Any:
    for key in path:
        named = isinstance(document, list) and isinstance(key, str)
        document = next(it for it in document if it["name"] == key) if named else document[key]
    return document


def host(name: str, address: str, *roles: str) -> Plain:
    bmc = {"address": address.replace("10.", "10.9", 1), "port": 623}
    kind = list(roles or ("database",))
    return {"name": name, "address": address, "architecture": "amd64", "roles": kind, "bmc": bmc}


def site(name: str, number: int, *, linked: bool = True, **over: Any) -> Change:
    """One more site, in order by itself and in a failure domain of its own."""
    base = f"10.{number}.0"
    ports = {"kubernetes": 6443, "hub": 7443, "etcd": 2379}
    endpoints = {key: f"https://{base}.1:{port}" for key, port in ports.items()}
    declared: Plain = {
        "name": name,
        "kind": "on-prem",
        "failureDomain": name,
        "country": "CN",
        "region": "hubei",
        "architectures": ["amd64"],
        "products": ["cpu-zhaoxin", "os-uos-s"],
        "capacity": {"cpu": "8", "memory": "16Gi"},
        "endpoints": {**endpoints, "dns": f"{base}.1:53", "ingress": f"{base}.21"},
        "hosts": [host("db-1", f"{base}.11")],
    }
    declared["endpoints"] |= over.pop("endpoints", {})
    line = {"latency": "2ms", "bandwidth": "1Gbps", "private": True, "encrypted": True}
    ends = ("campus-x86", "campus-arm") if linked else ()
    lines = [add(line | {"sites": [name, end]}, "links") for end in ends]
    return all_of(add(declared | over, "sites"), *lines)


def database(*members: str, backup: str) -> Change:
    """One more database, which replicates asynchronously."""
    declared = {
        "name": "second-db",
        "product": "db-dm8",
        "version": "8",
        "replication": "asynchronous",
        "members": list(members),
        "backupSite": backup,
    }
    return add(declared, "databases")


X86, ARM, CLOUD = ("sites", "campus-x86"), ("sites", "campus-arm"), ("sites", "cloud")
DATABASE = ("databases", "hospital-db")
CLINICAL = ("plans", "clinical")
WITHOUT_PACS = put(["identity", "integration", "his", "emr", "lis"], *CLINICAL, "workloads")
ARM_HOST = add(host("db-2", "10.2.0.12"), *ARM, "hosts")
SECOND = all_of(
    ARM_HOST,
    add(host("db-2", "10.3.0.12"), *CLOUD, "hosts"),
    database("cloud-db-2", "campus-arm-db-2", backup="campus-x86"),
)
HRP_IN_SECOND = put("second-db", "workloads", "hrp", "database")

CHANGES: dict[str, Change] = {
    # continuity
    "backup_in_another_failure_domain": all_of(
        site("annex", 4, failureDomain="wuhan-east"),
        site("north", 5),
        put("annex", *DATABASE, "backupSite"),
    ),
    "backup_off_site": drop(*DATABASE, "backupSite"),
    "cloud_data_kept_locally": put("public-cloud", *X86, "kind"),
    "copy_in_another_region": put("hubei", *CLOUD, "region"),
    "database_replicated_off_site": all_of(
        ARM_HOST,
        database("campus-arm-db-2", backup="cloud"),
        HRP_IN_SECOND,
        put("asynchronous", "plans", "operations", "replication"),
        put("4h", "plans", "operations", "rpo"),
    ),
    "dependency_recovers_too": all_of(
        WITHOUT_PACS,
        put("C", "workloads", "pacs", "tier"),
        put("15m", "workloads", "pacs", "rto"),
        put(["his", "pacs"], "workloads", "emr", "dependsOn"),
    ),
    "dependency_rto_fits": put("20m", "workloads", "identity", "rto"),
    "edge_redundant": site("annex", 4, hosts=[host("edge-1", "10.4.0.21", "edge")]),
    "host_can_be_fenced": all_of(SECOND, drop(*ARM, "hosts", "db-2", "bmc")),
    "line_redundant": drop("links", 2),
    "objectives_fit_tier": put("1h", "workloads", "emr", "rto"),
    "plan_covers_core_workload": WITHOUT_PACS,
    "claimed_level_is_reached": put("confirm", *CLINICAL, "mode"),
    "plan_moves_database": drop(*CLINICAL, "database"),
    "plan_replication_is_real": all_of(SECOND, HRP_IN_SECOND),
    "planned_workload_has_standby": put([], "workloads", "hrp", "standbys"),
    "quorum_survives_home": site("annex", 4, failureDomain="wuhan-east"),
    "replicas_redundant": put(1, "workloads", "his", "replicas"),
    "replication_matches_rpo": all_of(
        SECOND, put("second-db", "workloads", "identity", "database")
    ),
    "second_site": put([], "workloads", "pacs", "standbys"),
    "site_endpoints_its_own": put("10.1.0.1:53", *ARM, "endpoints", "dns"),
    "site_is_linked": site("annex", 4, linked=False),
    "standby_capacity_suffices": all_of(
        put("600m", *CLOUD, "capacity", "cpu"), put("600m", *ARM, "capacity", "cpu")
    ),
    # crypto
    "cloud_api_encrypted": site(
        "annex", 4, kind="public-cloud", endpoints={"cloud": "http://10.4.0.1:5000"}
    ),
    "crypto_level_fits_mlps": put(2, "workloads", "his", "cryptoLevel"),
    "storage_encrypted": put(False, *DATABASE, "encryptedAtRest"),
    "transport_encrypted": put(False, "links", 0, "encrypted"),
    # data
    "cloud_in_china": site("annex", 4, kind="public-cloud", country="SG"),
    "database_in_china": all_of(
        site("annex", 4, country="SG"), add("annex-db-1", *DATABASE, "members")
    ),
    "level_five_not_in_dmz": put(5, "workloads", "internet-hospital", "dataLevel"),
    "residency_in_china": put("SG", *ARM, "country"),
    # localization
    "architecture_supported": put(["cpu-zhaoxin"], "workloads", "his", "products"),
    "database_product_runs_on_members": all_of(
        put("db-tidb", *DATABASE, "product"),
        put("loong64", *X86, "hosts", "db-1", "architecture"),
        put("loong64", *CLOUD, "hosts", "db-1", "architecture"),
    ),
    "listing_lapses_soon": add("cpu-hygon", *CLOUD, "products"),
    "listing_not_seen": add("os-nfs", *CLOUD, "products"),
    "product_listed": add("cpu-unheard-of", *CLOUD, "products"),
    "site_names_products": put(["os-kylin-s"], *X86, "products"),
    "site_product_fits_architecture": add("cpu-ft", *X86, "products"),
    # mlps
    "bmc_not_public": put("47.92.1.1", *X86, "hosts", "db-1", "bmc", "address"),
    "cloud_network_apart": put("10.1.200.21", *CLOUD, "endpoints", "ingress"),
    "core_system_graded": put(2, "workloads", "his", "mlpsLevel"),
    "database_host_not_at_the_edge": put(["edge", "database"], *X86, "hosts", "db-1", "roles"),
    "database_host_not_public": put("47.92.1.11", *X86, "hosts", "db-1", "address"),
    "database_version_supported": put("13", *DATABASE, "version"),
    "internet_system_graded": all_of(
        put("C", "workloads", "internet-hospital", "tier"),
        put(2, "workloads", "internet-hospital", "mlpsLevel"),
    ),
    "internet_workload_shares_database": put("dmz", "workloads", "lis", "zone"),
    "management_apart_from_ingress": put("10.2.0.1", *ARM, "endpoints", "ingress"),
    "management_endpoint_not_public": put(
        "https://47.92.1.1:6443", *X86, "endpoints", "kubernetes"
    ),
    "network_private_range": put("47.92.0.21", *CLOUD, "endpoints", "ingress"),
    "platform_graded_for_its_systems": put(2, *ARM, "assessed", "mlpsLevel"),
    "zone_exists_at_site": put(["internal", "device"], *ARM, "zones"),
}
"""Rule -> the change of the declaration that it alone finds."""

NETWORK = "CloudNetwork/lab-cloud"
HIS = "DnsRecord/his.hospital.test"

OF_PROGRAMS: dict[str, tuple[str, Change]] = {
    "bucket_not_public": ("Bucket/xinglin-lab-cloud", put(False, "publicAccessBlocked")),
    "host_hardened": ("Hosts/lab-hosts-hardened", drop("hosts", 1)),
    "management_port_closed": (NETWORK, put([22, 443], "openPorts")),
    "name_answers_inside": (HIS, put("10.1.0.1", "address")),
    "name_survives_a_site": (HIS, put(["10.1.0.1:53"], "servers")),
    "only_https_open": (NETWORK, put([80, 443], "openPorts")),
    "subnets_apart": (NETWORK, put("10.3.0.0/22", "subnets", "cn-north-1b")),
    "subnets_in_two_zones": (NETWORK, drop("subnets", "cn-north-1b")),
}
"""Rule -> what a program that uses the resources itself may get wrong, and it alone finds."""


def made(estate: Estate) -> Iterator[Resource]:
    """What the components make of a declaration besides sites, workloads and plans."""
    for each in estate.sites:
        if each.endpoints.cloud:
            yield from _foundation(estate, each)
    servers = [each.endpoints.dns for each in estate.sites]
    for workload in estate.workloads:
        name, address = (
            estate.host_name(workload.name),
            estate.site(workload.home).endpoints.ingress,
        )
        inputs = {"zone": estate.domain, "name": name, "address": address, "servers": servers}
        yield Resource(Kind.NAME, name, inputs)
    yield from _hosts(estate)


def _foundation(estate: Estate, cloud: Site) -> Iterator[Resource]:
    region = {"region": cloud.region, "endpoint": cloud.endpoints.cloud}
    network = ip_network(f"{cloud.endpoints.ingress}/16", strict=False)
    blocks = network.subnets(new_prefix=20)
    subnets = {f"{cloud.region}{zone}": str(next(blocks)) for zone in "ab"}
    name, bucket = f"{estate.name}-{cloud.name}", estate.bucket(cloud.name)
    inputs = {"name": name, "cidr": str(network), "subnets": subnets, "openPorts": [443]}
    yield Resource(Kind.NETWORK, name, inputs | region)
    safe = {"encrypted": True, "versioned": True, "publicAccessBlocked": True}
    yield Resource(Kind.BUCKET, bucket, safe | {"name": bucket} | region)


def _hosts(estate: Estate) -> Iterator[Resource]:
    found = [each for one in estate.sites for each in one.hosts]
    edges = [each.id for each in found if HostRole.EDGE in each.roles]
    applications = [each.id for each in found if HostRole.APPLICATION in each.roles]
    runs = [
        (f"{estate.name}-hosts-hardened", "host_harden.yml", [each.id for each in found]),
        (f"{estate.name}-hosts-edges", "haproxy_deploy.yml", edges),
        (f"{estate.name}-hosts-applications", "application_deploy.yml", applications),
    ]
    for one in estate.databases:
        runs.append((f"{one.name}-members", "postgresql_deploy.yml", list(one.members)))
    for name, playbook, hosts in runs:
        inputs = {"playbook": playbook, "hosts": hosts, "inventory": inventory(estate)}
        yield Resource(Kind.HOSTS, name, inputs)


def resources(estate: Estate) -> tuple[Resource, ...]:
    return (*from_estate(estate), *made(estate))


def findings(judged: tuple[Resource, ...]) -> set[Finding]:
    found = judge(RULES, judged, today=TODAY).findings
    said = {(each.rule.id, each.resource.id, each.reason.en) for each in found}
    unable = ("cannot be judged", "the rule failed")  # found for the wrong reason
    assert [each for each in said if any(word in each[2] for word in unable)] == []
    return said


def new_rules(judged: tuple[Resource, ...]) -> set[str]:
    """The rules that say something which they do not say of the lab as it is."""
    return {rule for rule, _, _ in findings(judged) - findings(resources(read_estate(LAB)))}


def test_the_lab_is_refused_for_nothing_and_advised_in_what_is_known() -> None:
    judgement = judge(RULES, resources(read_estate(LAB)), today=TODAY)
    assert not judgement.refused
    assert {finding.rule.id for finding in judgement.findings} == {
        "cloud_api_encrypted",
        "crypto_level_fits_mlps",
        "edge_redundant",
        "internet_workload_shares_database",
        "listing_lapses_soon",
        "listing_not_seen",
    }


def test_every_rule_over_the_estate_has_a_change_that_breaks_it() -> None:
    over_the_estate = {
        found.rule.id
        for found in RULES
        if Kind.OBJECT not in found.rule.kinds and not found.rule.needs
    }
    assert over_the_estate == CHANGES.keys() | OF_PROGRAMS.keys()


@pytest.mark.parametrize("rule", CHANGES)
def test_a_changed_declaration_is_found_by_its_rule_alone(rule: str, tmp_path: Path) -> None:
    document = yaml.safe_load(LAB.read_text(encoding="utf-8"))
    CHANGES[rule](document["spec"])
    path = tmp_path / "changed.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    found = new_rules(resources(read_estate(path)))
    assert rule in found
    assert found - SUMS == {rule} - SUMS


@pytest.mark.parametrize("rule", OF_PROGRAMS)
def test_a_changed_resource_is_found_by_its_rule_alone(rule: str) -> None:
    wanted, change = OF_PROGRAMS[rule]
    judged = list(resources(read_estate(LAB)))
    (index,) = (number for number, each in enumerate(judged) if each.id == wanted)
    inputs = deepcopy(dict(judged[index].inputs))
    change(inputs)
    judged[index] = replace(judged[index], inputs=inputs)
    assert new_rules(tuple(judged)) == {rule}
