"""Declarations: the laboratory reads; every bad one is refused with file, line and field.

A bad estate is the laboratory's with one thing changed, so that only that one thing is wrong.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from hospital.errors import DeclarationError, Problem
from hospital.estate import Architecture, HostRole
from stacks.estate import read_estate
from stacks.schema import estate_schema

ESTATES = Path(__file__).parents[2] / "stacks/estates"
LAB = (ESTATES / "lab.yaml").read_text()
LIS_HOSTS = "[campus-x86-app-1, campus-x86-app-2]"
BILLION_LAUGHS = b"a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 9)
)


def problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(DeclarationError) as raised:
        read_estate(path)
    return raised.value.problems


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    text = LAB
    for old, new in changes:
        assert old in text, f"the laboratory no longer says {old!r}"
        text = text.replace(old, new, 1)
    path = folder / "estate.yaml"
    path.write_text(text)
    return path


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if text in line)


@pytest.mark.parametrize("path", sorted(ESTATES.glob("*.yaml")), ids=lambda path: path.name)
def test_every_published_estate_reads_and_satisfies_the_schema(path: Path) -> None:
    estate = read_estate(path)
    assert estate.source == str(path)
    Draft202012Validator(estate_schema()).validate(yaml.safe_load(path.read_text()))


def test_units_become_those_of_the_core_and_defaults_come_from_the_catalogue() -> None:
    estate = read_estate(ESTATES / "lab.yaml")
    site = estate.site("campus-x86")
    assert (site.capacity_millicores, site.capacity_mebibytes) == (8000, 16 * 1024)
    assert estate.links[0].bandwidth_mbps == 10_000
    assert estate.links[0].latency == timedelta(milliseconds=2)
    assert estate.plan("clinical").rpo == timedelta(0)
    assert estate.host("cloud-db-1").roles == (HostRole.DATABASE,)
    his = estate.workload("his")
    assert (his.home, his.replicas, his.database) == ("campus-x86", 2, "hospital-db")


def test_a_workload_is_on_hosts_where_they_are_and_as_pods_elsewhere() -> None:
    estate = read_estate(ESTATES / "lab.yaml")
    lis = estate.workload("lis")
    at = {name: [host.name for host in lis.hosts_at(estate.site(name))] for name in lis.sites}
    assert at == {"campus-x86": ["app-1", "app-2"], "campus-arm": [], "cloud": []}
    assert "campus-x86-app-1" in replace(estate, sites=estate.sites[1:]).missing()


def test_what_is_declared_of_a_workload_is_laid_over_its_catalogue_entry(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        (
            "{name: his, ",
            "{name: his, rto: 6m, dataLevel: 5, cpu: 750m, memory: 1Gi, replicas: 3, ",
        ),
    )
    his = read_estate(path).workload("his")
    assert (his.rto, his.data_level, his.replicas) == (timedelta(minutes=6), 5, 3)
    assert (his.cpu_millicores, his.memory_mebibytes) == (750, 1024)
    assert his.architectures == (Architecture.AMD64, Architecture.ARM64)


@dataclass(frozen=True)
class Bad:
    """One change to the laboratory, and what must be said about it."""

    old: str
    new: str
    field: str  # how the field's name ends
    message: str  # a part of it
    remedy: str  # a part of it
    id: str

    def __str__(self) -> str:
        return self.id


BAD = [
    Bad("{name: lis,", "{name: liss,", "name", "unknown workload 'liss'", "'lis'", id="w"),
    Bad(
        "failureDomain: cn-north-1a",
        "failureDomain: wuhan-east",
        "standbys[0]",
        "burn together",
        "another failure domain",
        id="failure-domain",
    ),
    Bad(
        "{name: hrp, home",
        "{name: hrp, architectures: [loong64], home",
        "home",
        "built for loong64",
        "architecture",
        id="architecture",
    ),
    Bad(
        "failureDomain: wuhan-west",
        "failureDomian: wuhan-west",
        "failureDomian",
        "unknown field",
        "'failureDomain'",
        id="typo",
    ),
    Bad("rto: 5m", "rto: 5", "rto", "not a number with a unit", "5m", id="unitless"),
    Bad("memory: 8Gi", "memory: 8GB", "memory", "unit", "16Gi", id="memory"),
    Bad('cpu: "4"', "cpu: four", "cpu", "CPU quantity", "500m", id="cpu"),
    Bad("bandwidth: 1Gbps", "bandwidth: 1", "bandwidth", "unit", "10Gbps", id="line"),
    Bad("country: CN", "country: NO", "country", "expected text", "quotes", id="norway"),
    Bad("mode: automatic", "mode: automatik", "mode", "is not one of", "'automatic'", id="m"),
    Bad(
        "members: [campus-x86-db-1, cloud-db-1]",
        "members: [campus-x86-db-1, cloud-db-2]",
        "members[1]",
        "unknown host 'cloud-db-2'",
        "'cloud-db-1'",
        id="member",
    ),
    Bad(
        "members: [campus-x86-db-1, cloud-db-1]",
        "members: [campus-x86-db-1, cloud-edge-1]",
        "members[1]",
        "no role 'database'",
        "roles",
        id="role",
    ),
    Bad(
        "{name: db-1, address: 10.3.0.11, architecture: amd64",
        "{name: db-1, address: 10.3.0.11, architecture: arm64",
        "members[1]",
        "physical replication from amd64 to arm64",
        "amd64",
        id="physical-replication",
    ),
    Bad(
        "workloads: [hrp]",
        "workloads: [hrp, his]",
        "workloads[1]",
        "home of 'his'",
        "own home",
        id="p",
    ),
    Bad(
        "clients: [hospital:counter,",
        """clients: ["x' or { always_true } '",""",
        "clients[0]",
        "is not an organisation of a certificate",
        "must match",
        id="organization",
    ),
    Bad(
        "clients: [hospital:counter,",
        'clients: ["hospital:counter\\n",',
        "clients[0]",
        "is not an organisation of a certificate",
        "must match",
        id="a-line-more",
    ),
    Bad("- name: operations", "- name: clinical", "name", "taken already", ":", id="twice"),
    Bad("rto: 2h", "rto: 24h", "workloads[0]", "promises RTO 12h", "tighten", id="rto"),
    Bad("address: 10.2.0.21", "address: 10.1.0.21", "address", "another host's", "see", id="a"),
    Bad(
        "bmc: {address: 10.3.0.1, port: 6232}",
        "bmc: {address: 10.3.0.1, port: 6231}",
        "bmc",
        "10.3.0.1:6231 is another host's BMC",
        "fence",
        id="bmc",
    ),
    Bad(
        LIS_HOSTS,
        "[campus-x86-app-1, campus-x86-ap-2]",
        "hosts[1]",
        "unknown host",
        "app-2",
        id="ah",
    ),
    Bad(
        LIS_HOSTS,
        "[campus-x86-app-1, campus-x86-db-1]",
        "hosts[1]",
        "no role 'application'",
        "add",
        id="ar",
    ),
    Bad(
        LIS_HOSTS,
        "[campus-x86-app-1]",
        "hosts",
        "2 replicas and 1 hosts at 'campus-x86'",
        "each",
        id="ac",
    ),
    Bad(
        LIS_HOSTS,
        "[campus-x86-app-1, campus-x86-app-1]",
        "hosts[1]",
        "runs it already",
        "",
        id="at",
    ),
    Bad(
        "{name: hrp, home: campus-arm,",
        "{name: hrp, hosts: [campus-x86-app-1, campus-x86-app-2], home: campus-arm,",
        "hosts[0]",
        "is at 'campus-x86', where 'hrp' never runs",
        "a host at campus-arm or cloud",
        id="as",
    ),
    Bad(
        "{name: lis, home",
        "{name: lis, architectures: [arm64], home",
        "hosts[0]",
        "built for arm64; host 'campus-x86-app-1' has amd64",
        "another host",
        id="aa",
    ),
]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_wrong_field_is_refused_where_it_stands_with_a_way_out(tmp_path: Path, bad: Bad) -> None:
    path = changed(tmp_path, (bad.old, bad.new))
    found = [each for each in problems(path) if bad.message in each.message]
    assert found, [str(each) for each in problems(path)]
    assert found[0].field.endswith(bad.field)
    assert bad.remedy in found[0].remedy
    file, line, column = found[0].where.rsplit(":", 2)
    assert file == str(path)
    shown = path.read_text().splitlines()[int(line) - 1][int(column) - 1 :]
    leaf = bad.field.partition("[")[0]
    assert shown.startswith((leaf, bad.field)) or "[" in bad.field


def test_the_line_and_column_are_exact(tmp_path: Path) -> None:
    path = changed(tmp_path, ("failureDomain: wuhan-west", "failureDomian: wuhan-west"))
    line = line_of(path, "failureDomian")
    where = {each.where for each in problems(path) if each.message == "unknown field"}
    assert where == {f"{path}:{line}:7"}


def test_a_cycle_is_named_from_end_to_end(tmp_path: Path) -> None:
    path = changed(tmp_path, ("{name: identity, ", "{name: identity, dependsOn: [emr], "))
    (cycle,) = [each for each in problems(path) if "cycle" in each.message]
    assert "identity → emr → his → identity" in cycle.message


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ("{name: lis,", "{name: liss,"),
        ("country: CN", "country: China"),
        ("mode: automatic", "mode: auto"),
        ("members: [campus-x86-db-1, cloud-db-1]", "members: [campus-x86-db-1, cloud-db-9]"),
    )
    text = "\n".join(str(each) for each in problems(path))
    for word in ("liss", "China", "auto", "cloud-db-9"):
        assert word in text


def test_an_asynchronous_plan_cannot_promise_that_nothing_is_lost(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ("replication: synchronous\n      database", "replication: asynchronous\n      database"),
    )
    messages = [each.message for each in problems(path)]
    assert any("cannot promise RPO 0" in message for message in messages)
    assert any("is synchronous" in message for message in messages)


@pytest.mark.parametrize(
    ("content", "where", "message"),
    [
        (b"", "1:1", "is empty"),
        (b"\n  \n", "1:1", "is empty"),
        (b"# nothing\n", "1:1", "only comments"),
        (b"kind: Estate\nname: \xd6\xd0\xce\xc4\n", "2:7", "not UTF-8"),
        (b"kind: Estate\nspec: [a, b\n", "3:1", "is not YAML"),
        (b"kind: Estate\nkind: Estate\n", "2:1", "given twice"),
        (b"kind: Estate\nname: \x07\n", "2:1", "forbids"),
        (b"spec: &a\n  spec: *a\n", "2:3", "refers to itself"),
        (b"- a\n", "1:1", "expected a mapping"),
        (b"a: " + b"[" * 5000, "1:1", "nested too deeply"),
        (BILLION_LAUGHS, "1:42", "more than 200000 values"),
    ],
)
def test_a_file_that_is_no_declaration_is_refused_with_its_place(
    tmp_path: Path, content: bytes, where: str, message: str
) -> None:
    path = tmp_path / "estate.yaml"
    path.write_bytes(content)
    first = problems(path)[0]
    assert message in first.message
    assert first.where == f"{path}:{where}"


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path / "none.yaml")
    assert problem.where.endswith("none.yaml")


@pytest.mark.parametrize("bad", BAD[3:10], ids=str)
def test_the_schema_for_editors_refuses_what_reading_refuses(tmp_path: Path, bad: Bad) -> None:
    document = yaml.safe_load(changed(tmp_path, (bad.old, bad.new)).read_text())
    assert list(Draft202012Validator(estate_schema()).iter_errors(document))


def test_the_schema_is_itself_valid_and_describes_every_field() -> None:
    schema = estate_schema()
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    site = schema["properties"]["spec"]["properties"]["sites"]["items"]
    assert all(field["description"] for field in site["properties"].values())
