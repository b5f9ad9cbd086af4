"""What playbooks are told of an estate."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from hospital.estate import HostRole
from hospital.inventory import inventory
from stacks.estate import read_estate

LAB = Path(__file__).resolve().parents[2] / "stacks" / "estates" / "lab.yaml"


def group(inventory: dict[str, Any], role: str) -> dict[str, Any]:
    hosts: dict[str, Any] = inventory["all"]["children"][role]["hosts"]
    return hosts


def test_hosts_are_grouped_by_role_under_their_ids(lab_inventory: dict[str, Any]) -> None:
    assert sorted(group(lab_inventory, "database")) == [
        "campus-arm-db-1",
        "campus-x86-db-1",
        "cloud-db-1",
    ]
    assert sorted(group(lab_inventory, "edge")) == [
        "campus-arm-edge-1",
        "campus-x86-edge-1",
        "cloud-edge-1",
    ]


def test_every_host_asks_its_own_sites_store_first(lab_inventory: dict[str, Any]) -> None:
    for hosts in lab_inventory["all"]["children"].values():
        for host in hosts["hosts"].values():
            own = ".".join(host["ansible_host"].split(".")[:2])
            assert host["etcd_endpoints"][0].startswith(f"{own}.")
            assert len(set(host["etcd_endpoints"])) == 3


def test_the_first_member_of_the_database_is_at_home(lab_inventory: dict[str, Any]) -> None:
    for name in ("campus-x86-db-1", "cloud-db-1"):
        member = group(lab_inventory, "database")[name]
        assert member["database_members"][0] == {"name": "campus-x86-db-1", "address": "10.1.0.11"}
        assert member["database_synchronous"] is True


def test_a_member_is_told_of_its_own_cluster_only(lab_inventory: dict[str, Any]) -> None:
    member = group(lab_inventory, "database")["campus-arm-db-1"]
    assert member["database_cluster"] == "hospital-db-arm"
    assert [each["name"] for each in member["database_members"]] == ["campus-arm-db-1"]
    assert member["database_synchronous"] is False
    assert member["postgresql_version"] == "18"


def test_both_ends_of_a_declared_migration_know_each_other(lab_inventory: dict[str, Any]) -> None:
    source, target = (
        group(lab_inventory, "database")[name] for name in ("cloud-db-1", "campus-arm-db-1")
    )
    assert source["migration_databases"] == ["his"]
    assert target["migration_databases"] == ["his", "his-rehearsal"]
    assert source["migration_peers"] == target["database_members"]
    assert target["migration_peers"] == source["database_members"]
    assert (source["database_arrivals"], target["database_arrivals"]) == ([], ["his"])
    assert "his" in source["database_workloads"]
    assert target["database_workloads"] == ["his-rehearsal"]


def test_every_database_has_a_port_of_its_own_at_the_edges(lab_inventory: dict[str, Any]) -> None:
    ways = lab_inventory["all"]["vars"]["edge_databases"]
    assert [(way["name"], way["port"]) for way in ways] == [
        ("hospital-db", 5432),
        ("hospital-db-arm", 5433),
    ]


def test_edges_are_told_whose_certificates_they_admit(lab_inventory: dict[str, Any]) -> None:
    told = lab_inventory["all"]["vars"]["edge_clients"]
    assert told == ["hospital:counter", "xinglin:operators"]


def test_every_workload_has_a_route_and_its_own_port(lab_inventory: dict[str, Any]) -> None:
    routes = lab_inventory["all"]["vars"]["edge_routes"]
    assert {"his.hospital.test", "internet-hospital.hospital.test"} <= {r["host"] for r in routes}
    assert len({route["port"] for route in routes}) == len(routes)


def test_a_host_of_applications_is_told_what_it_runs_and_how_it_reaches_its_database(
    lab_inventory: dict[str, Any],
) -> None:
    hosts = group(lab_inventory, "application")
    assert sorted(hosts) == ["campus-x86-app-1", "campus-x86-app-2"]
    told = hosts["campus-x86-app-1"]
    way = {"name": "hospital-db", "port": 5432}
    runs = [{"name": "lis", "plays": "lis", "port": 30105, "database": way}]
    assert told["application_workloads"] == runs
    assert (told["application_edge"], told["host_architecture"]) == ("10.1.0.21", "amd64")


def test_a_rehearsal_is_on_the_hosts_of_its_workload_with_data_of_its_own() -> None:
    lab = read_estate(LAB)
    arm = lab.site("campus-arm")
    app = replace(arm.hosts[0], name="app-1", address="10.2.0.31", roles=(HostRole.APPLICATION,))
    sites = tuple(
        replace(each, hosts=(*each.hosts, app)) if each == arm else each for each in lab.sites
    )
    workloads = tuple(
        replace(each, hosts=(app.id,)) if each.name == "his" else each for each in lab.workloads
    )
    told = group(inventory(replace(lab, sites=sites, workloads=workloads)), "application")[app.id]
    way = {"name": "hospital-db-arm", "port": 5433}
    runs = [
        (each["name"], each["plays"], each["database"]) for each in told["application_workloads"]
    ]
    assert runs == [("his", "his", way), ("his-rehearsal", "his", way)]


def test_a_route_leads_to_hosts_only_where_they_are(lab_inventory: dict[str, Any]) -> None:
    routes = {each["host"]: each["servers"] for each in lab_inventory["all"]["vars"]["edge_routes"]}
    assert [each["site"] for each in routes["lis.hospital.test"]] == ["campus-x86"] * 2
    assert routes["his.hospital.test"] == []


def test_nothing_secret_and_nothing_but_plain_values_is_in_it(
    lab_inventory: dict[str, Any],
) -> None:
    text = json.dumps(lab_inventory)
    assert json.loads(text) == lab_inventory
    assert not re.search(r"password|secret|BEGIN", text, re.IGNORECASE)


def test_every_variable_of_the_inventory_is_documented(
    lab_inventory: dict[str, Any], playbooks: Path
) -> None:
    page = (playbooks / "README.md").read_text(encoding="utf-8")
    used = set(lab_inventory["all"]["vars"])
    for hosts in lab_inventory["all"]["children"].values():
        used |= {name for host in hosts["hosts"].values() for name in host}
    assert {name for name in used if f"`{name}`" not in page} == set()


def test_every_playbook_is_in_the_table_and_every_entry_exists(playbooks: Path) -> None:
    page = (playbooks / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+\.yml)`", page))
    assert named == {path.name for path in playbooks.glob("*.yml")}


def test_every_role_of_a_playbook_exists(playbooks: Path) -> None:
    for path in playbooks.glob("*.yml"):
        for play in yaml.safe_load(path.read_text(encoding="utf-8")):
            for role in play.get("roles", ()):
                assert (playbooks / "roles" / role / "tasks" / "main.yml").is_file(), (path, role)
