"""A workload's Kubernetes objects: what every namespace and pod must be, at every site."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hospital.codec import decode
from hospital.estate import DatabaseWay, Estate, Site, Waiver, Workload
from policies import review
from providers.objects import DECLARED, WAIVERS, objects, secret, trust
from stacks.estate import read_estate

ESTATE = read_estate(Path(__file__).resolve().parents[2] / "stacks" / "estates" / "lab.yaml")
EVERYWHERE = [
    pytest.param(workload, ESTATE.site(site), id=f"{workload.name}-{site}")
    for workload in ESTATE.workloads
    for site in workload.sites
    if not workload.hosts_at(ESTATE.site(site))
]


def one(kind: str, workload: Workload, site: Site, *, name: str = "") -> dict[str, Any]:
    found = [item for item in objects(workload, site) if item["kind"] == kind]
    return next(item for item in found if name in ("", item["metadata"]["name"]))


def test_a_workload_has_no_objects_where_it_runs_on_hosts() -> None:
    lis = ESTATE.workload("lis")
    assert {name: bool(objects(lis, ESTATE.site(name))) for name in lis.sites} == {
        "campus-x86": False,
        "campus-arm": True,
        "cloud": True,
    }


@pytest.mark.parametrize(("workload", "site"), EVERYWHERE)
def test_place_is_not_shape(workload: Workload, site: Site) -> None:
    assert "replicas" not in one("Deployment", workload, site)["spec"]


@pytest.mark.parametrize(("workload", "site"), EVERYWHERE)
def test_no_object_holds_a_secret(workload: Workload, site: Site) -> None:
    assert not [item for item in objects(workload, site) if item["kind"] == "Secret"]


@pytest.mark.parametrize(("workload", "site"), EVERYWHERE)
def test_a_pod_runs_as_nobody_on_a_file_system_it_cannot_change(
    workload: Workload, site: Site
) -> None:
    pod = one("Deployment", workload, site)["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


@pytest.mark.parametrize(("workload", "site"), EVERYWHERE)
def test_all_traffic_is_denied_that_no_policy_names(workload: Workload, site: Site) -> None:
    denied = one("NetworkPolicy", workload, site, name="deny-all")["spec"]
    assert denied == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    out = one("NetworkPolicy", workload, site, name="allow-database")["spec"]["egress"]
    assert out[0]["to"] == [{"ipBlock": {"cidr": f"{site.endpoints.ingress}/32"}}]


@pytest.mark.parametrize(("workload", "site"), EVERYWHERE)
def test_pods_go_only_where_they_can_run(workload: Workload, site: Site) -> None:
    pod = one("Deployment", workload, site)["spec"]["template"]["spec"]
    required = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    arch, simulated = required["nodeSelectorTerms"][0]["matchExpressions"]
    assert arch["values"]
    assert set(arch["values"]) <= set(site.architectures) & set(workload.architectures)
    assert simulated == {"key": "xinglin.dev/simulated", "operator": "DoesNotExist"}


def test_a_namespace_tells_from_which_nouns_it_was_made() -> None:
    workload, site = ESTATE.workload("his"), ESTATE.site("cloud")
    told = json.loads(one("Namespace", workload, site)["metadata"]["annotations"][DECLARED])
    assert decode(Workload, told["workload"]) == workload
    assert decode(Site, told["site"]) == site


def test_the_database_is_reached_by_a_name_that_its_certificate_carries() -> None:
    workload, site = ESTATE.workload("internet-hospital"), ESTATE.site("campus-arm")
    way = ESTATE.way(workload, site.name)
    assert way is not None
    made = secret(workload, way, user="internet_hospital", password="p@ss/word")
    url = base64.b64decode(made["data"]["DATABASE_URL"]).decode()
    assert url == (
        "postgresql://internet_hospital:p%40ss%2Fword@hospital-db:5432/internet_hospital"
        "?sslmode=verify-full&sslrootcert=/etc/xinglin/ca.crt"
    )
    pod = one("Deployment", workload, site)["spec"]["template"]["spec"]
    assert pod["hostAliases"] == [{"ip": "10.2.0.21", "hostnames": ["hospital-db"]}]
    volume = pod["volumes"][0]["configMap"]["name"]
    assert trust(workload, "PEM")["metadata"]["name"] == volume


def test_at_the_target_of_a_declared_migration_pods_reach_the_target_database() -> None:
    his, target = ESTATE.workload("his"), ESTATE.site("campus-arm")
    way = ESTATE.way(his, "campus-arm")
    assert way == DatabaseWay("hospital-db-arm", 5433)
    assert ESTATE.way(his, "cloud") == DatabaseWay("hospital-db", 5432)
    made = {
        (item["kind"], item["metadata"]["name"]): item
        for item in objects(his, target, database=way)
    }
    pod = made["Deployment", "his"]["spec"]["template"]["spec"]
    assert pod["hostAliases"] == [{"ip": "10.2.0.21", "hostnames": ["hospital-db-arm"]}]
    out = made["NetworkPolicy", "allow-database"]["spec"]["egress"]
    assert out[0]["ports"] == [{"protocol": "TCP", "port": 5433}]
    url = base64.b64decode(secret(his, way, user="his", password="p")["data"]["DATABASE_URL"])
    assert b"@hospital-db-arm:5433/his?" in url


def test_a_rehearsal_is_the_same_service_in_a_namespace_of_its_own() -> None:
    (rehearsal,) = ESTATE.rehearsals
    deployment = one("Deployment", rehearsal, ESTATE.site("campus-arm"))
    assert deployment["metadata"]["namespace"] == "hospital-his-rehearsal"
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert {"name": "WORKLOAD", "value": "his"} in container["env"]


def test_the_same_declaration_gives_the_same_objects() -> None:
    again = Estate(**{name: getattr(ESTATE, name) for name in Estate.__slots__})
    for workload in ESTATE.workloads:
        site = ESTATE.site(workload.home)
        assert objects(workload, site) == objects(again.workload(workload.name), site)


def test_every_object_brings_the_waivers_of_its_workload_and_none_where_there_are_none() -> None:
    his, site = ESTATE.workload("his"), ESTATE.site("cloud")
    signed = Waiver("image_by_digest", "迁移中", "王主任", date(2027, 3, 31), "每日核对")
    found = objects(replace(his, waivers=(signed,)), site)
    for item in found:
        (told,) = json.loads(item["metadata"]["annotations"][WAIVERS])
        assert decode(Waiver, told) == signed
    assert all(
        WAIVERS not in item["metadata"].get("annotations", {}) for item in objects(his, site)
    )
    assert WAIVERS == review.WAIVERS
