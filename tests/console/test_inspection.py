"""What an audit gathers, and how two gatherings become one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from console.holdings import IN_NAMESPACES, IN_NONE, held
from console.inspection import Inspected, joined
from hospital.errors import RefusedError
from hospital.rule import Kind, Resource
from lab import rbac
from policies.report import Source
from policies.rules import all_rules
from providers.kubernetes import KINDS, AnswerError


def inspected(kind: str, *resources: Resource) -> Inspected:
    return Inspected(resources, Source(kind, kind, "lab", unseen=(f"{kind} missed it",)))


def test_every_kind_that_rules_judge_is_read_where_it_lives_but_secrets() -> None:
    judged = {kind for found in all_rules() for kind in found.rule.objects}
    read = {*IN_NAMESPACES, *IN_NONE}
    assert {kind for _, kind in read} == judged - {"Secret"}
    assert KINDS.keys() >= read
    assert {KINDS[each][1] for each in IN_NAMESPACES} == {True}
    assert {KINDS[each][1] for each in IN_NONE} == {False}


def test_the_auditor_may_list_every_kind_that_is_read_in_every_cluster() -> None:
    for objects in (rbac.site_objects(), rbac.hub_objects()):
        (role,) = (
            item
            for item in objects
            if item["kind"] == "ClusterRole" and item["metadata"]["name"] == "xinglin:auditor"
        )
        may = {
            (group, resource)
            for rule in role["rules"]
            if "list" in rule["verbs"]
            for group in rule.get("apiGroups", ())
            for resource in rule["resources"]
        }
        for version, kind in (*IN_NAMESPACES, *IN_NONE):
            group = version.rpartition("/")[0]
            assert (group, KINDS[version, kind][0]) in may


def test_what_was_just_seen_counts_rather_than_what_a_survey_saw_of_the_same() -> None:
    now = Resource(Kind.CLUSTER, "site@cloud", {"facts": "now"})
    before = Resource(Kind.CLUSTER, "site@cloud", {"facts": "before"})
    host = Resource(Kind.HOST, "cloud-db-1", {})
    both = joined(inspected("live", now), inspected("survey", before, host))
    assert both.resources == (now, host)
    assert both.source.kind == "live+survey"
    assert both.source.unseen == ("live missed it", "survey missed it")


class Holding:
    """An API server that holds these objects, and does not serve some kinds."""

    def __init__(self, *items: dict[str, Any], refuses: Mapping[str, int] | None = None) -> None:
        self._items = items
        self._refuses = refuses or {}

    def items(self, api_version: str, kind: str, *, namespace: str = "") -> list[dict[str, Any]]:
        if kind in self._refuses:
            raise AnswerError("https://10.9.0.1:6443", "no", self._refuses[kind])
        return [each for each in self._items if each["kind"] == kind]


def item(kind: str, name: str, **metadata: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, **metadata}}


def test_what_nobody_declared_is_read_and_a_workloads_own_is_not_read_twice() -> None:
    owner = {"kind": "Job", "name": "backup", "controller": True}
    holding = Holding(
        item("Namespace", "hospital-his"),
        item("Pod", "his-1", namespace="hospital-his"),
        item("ClusterRole", "reads-all"),
        item("Pod", "by-hand", namespace="default"),
        item("Pod", "backup-1", namespace="default", ownerReferences=[owner]),
    )
    found = {each.name for each in held(holding, at="cloud", apart={"hospital-his"})}
    assert found == {
        "Namespace/hospital-his@cloud",
        "ClusterRole/reads-all@cloud",
        "Pod/default/by-hand@cloud",
    }


def test_a_kind_that_is_not_served_has_no_objects_and_a_refusal_is_no_empty_list() -> None:
    pod = item("Pod", "by-hand", namespace="default")
    found = held(Holding(pod, refuses={"Gateway": 404}), at="cloud")
    assert [each.name for each in found] == ["Pod/default/by-hand@cloud"]
    with pytest.raises(RefusedError):
        list(held(Holding(pod, refuses={"Gateway": 403}), at="cloud"))
