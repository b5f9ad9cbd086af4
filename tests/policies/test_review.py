"""What the API server is answered: refusals with their reasons, warnings, and never a guess."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from third_gate import GOOD_DEPLOYMENT, good_pod, privileged_pod

from hospital.rule import Facts, Resource, Text
from lab import rbac
from policies.review import (
    LONGEST_WARNING,
    MOST_WARNINGS,
    SIGNER,
    WAIVERS,
    MalformedError,
    admission_rules,
    answer,
    findings,
    read,
)
from policies.rules import FoundRule

TODAY = date(2026, 11, 23)
RULES = admission_rules()

Object = dict[str, Any]


def rules(*ids: str) -> tuple[FoundRule, ...]:
    return tuple(found for found in RULES if found.rule.id in ids)


def review(item: Object | None, operation: str = "CREATE", **more: Any) -> Object:
    metadata = (item or {}).get("metadata", {})
    request = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": "", "version": "v1", "kind": (item or {}).get("kind", "Pod")},
        "namespace": metadata.get("namespace", ""),
        "name": metadata.get("name", ""),
        "operation": operation,
        "userInfo": {"username": "sre", "groups": ["system:authenticated"]},
        "object": item,
        "oldObject": None,
        "dryRun": False,
    }
    head = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}
    return {**head, "request": request | more}


def said(document: Object, by: tuple[FoundRule, ...] = RULES) -> Object:
    request = read(document)
    response: Object = answer(request, findings(request, by, today=TODAY))["response"]
    return response


def waived(item: Object, **changed: str) -> Object:
    """The object with a waiver of its privilege, as a declaration would bring it."""
    waiver = {
        "rule": "no_privileged_container",
        "reason": "迁移中",
        "owner": "王主任",
        "until": "2026-12-31",
        "control": "独立网段",
    }
    item["metadata"]["annotations"] = {WAIVERS: json.dumps([waiver | changed])}
    return item


def test_a_refusal_names_rule_clause_reason_and_remedy_in_both_languages() -> None:
    response = said(review(privileged_pod("x")))
    assert response["allowed"] is False
    assert response["status"]["code"] == 403
    assert response["uid"] == "705ab4f5-6393-11e8-b7cc-42010a800002"
    for part in (
        "no_privileged_container",
        "GB/T 22239-2019 8.1.4.4 a",
        "容器 x/his 为特权容器",
        "container x/his is privileged",
        "删除 privileged: true",
        "remove privileged: true",
    ):
        assert part in response["status"]["message"]


def test_every_rule_that_refuses_is_named() -> None:
    message = said(review(privileged_pod("x")))["status"]["message"]
    assert "no_privileged_container: " in message
    assert "no_privilege_escalation: " in message


@pytest.mark.parametrize("item", [good_pod("x"), GOOD_DEPLOYMENT], ids=lambda item: item["kind"])
def test_what_the_lab_declares_may_come_in(item: Object) -> None:
    response = said(review(item))
    assert (response["allowed"], response.get("status")) == (True, None)


def test_a_finding_that_only_advises_warns_in_both_languages() -> None:
    pod = good_pod("x")
    pod["spec"]["ephemeralContainers"] = [{"name": "shell"}]
    response = said(review(pod, "UPDATE"), rules("no_debug_container_left"))
    assert response["allowed"] is True
    assert response["warnings"] == [
        "no_debug_container_left: 遗留调试容器 x/shell",
        "no_debug_container_left: debug container x/shell is left",
    ]


def test_warnings_are_short_and_few_and_say_how_many_were_left_out() -> None:
    pod = good_pod("x")
    pod["spec"]["ephemeralContainers"] = [{"name": f"{n}-{'long' * 40}\n"} for n in range(30)]
    warnings = said(review(pod), rules("no_debug_container_left"))["warnings"]
    assert len(warnings) == MOST_WARNINGS
    assert max(map(len, warnings)) == LONGEST_WARNING
    assert not any("\n" in line for line in warnings)
    assert warnings[-1] == "21 more, see xinglin audit"  # 9 of 30 are shown, in two lines each


def test_a_dry_run_is_judged_like_any_other() -> None:
    assert said(review(privileged_pod("x"), dryRun=True))["allowed"] is False


def test_a_container_that_is_added_to_a_living_pod_is_judged() -> None:
    pod = good_pod("x")
    shell = {"name": "shell", "securityContext": {"privileged": True}}
    pod["spec"]["ephemeralContainers"] = [shell]
    document = review(pod, "UPDATE", oldObject=good_pod("x"), subResource="ephemeralcontainers")
    assert "x/shell is privileged" in said(document)["status"]["message"]


def test_what_is_null_counts_as_absent() -> None:
    pod = good_pod("x")
    pod["spec"]["containers"][0]["securityContext"] = None
    refused = said(review(pod), rules("no_privileged_container", "no_privilege_escalation"))
    assert refused["status"]["message"].count("Reason: ") == 1


@pytest.mark.parametrize("operation", ["DELETE", "CONNECT"])
def test_deletions_and_connections_are_never_judged(operation: str) -> None:
    bad = privileged_pod("x")
    assert said(review(None, operation, oldObject=bad))["allowed"] is True


def test_finalizers_come_off_what_is_being_deleted() -> None:
    bad, old = privileged_pod("x"), privileged_pod("x")
    old["metadata"] |= {"deletionTimestamp": "2026-11-23T00:00:00Z", "finalizers": ["a/b"]}
    assert said(review(bad, "UPDATE", oldObject=old))["allowed"] is True


def test_what_is_being_deleted_takes_on_nothing_new() -> None:
    bad, old = privileged_pod("x"), good_pod("x")
    old["metadata"] |= {"deletionTimestamp": "2026-11-23T00:00:00Z", "finalizers": ["a/b"]}
    assert said(review(bad, "UPDATE", oldObject=old))["allowed"] is False


def test_nobody_can_say_of_an_object_of_his_own_that_it_is_being_deleted() -> None:
    bad = privileged_pod("x")
    bad["metadata"]["deletionTimestamp"] = "2026-11-23T00:00:00Z"
    assert said(review(bad))["allowed"] is False
    assert said(review(bad, "UPDATE", oldObject=privileged_pod("x")))["allowed"] is False


def test_a_rule_that_fails_refuses() -> None:
    def broken(resource: Resource, facts: Facts) -> Iterator[Text]:
        raise RuntimeError("broken")

    (found,) = rules("no_host_path")
    response = said(review(good_pod("x")), (replace(found, check=broken),))
    assert response["allowed"] is False
    assert "broken" in response["status"]["message"]


def test_a_waiver_that_the_declaration_brings_becomes_a_warning() -> None:
    document = review(waived(privileged_pod("x")), userInfo={"username": SIGNER})
    response = said(document, rules("no_privileged_container"))
    assert response["allowed"] is True
    assert response["warnings"][1].startswith(
        "no_privileged_container: waived until 2026-12-31: container x/his is privileged"
    )


@pytest.mark.parametrize("user", ["sre", "admin", "system:serviceaccount:kube-system:pulumi"])
def test_nobody_else_can_waive_a_rule_for_himself(user: str) -> None:
    document = review(waived(privileged_pod("x")), userInfo={"username": user})
    assert said(document, rules("no_privileged_container"))["allowed"] is False


@pytest.mark.parametrize(
    "annotation",
    ["", "{}", "[1]", '["no_privileged_container"]', '[{"rule": "no_privileged_container"}]', "{["],
)
def test_a_waiver_that_cannot_be_read_waives_nothing(annotation: str) -> None:
    pod = privileged_pod("x")
    pod["metadata"]["annotations"] = {WAIVERS: annotation}
    document = review(pod, userInfo={"username": SIGNER})
    assert said(document, rules("no_privileged_container"))["allowed"] is False


def test_a_waiver_that_lapsed_or_is_for_another_rule_waives_nothing() -> None:
    for changed in ({"until": "2026-11-22"}, {"rule": "no_host_path"}):
        pod = waived(privileged_pod("x"), **changed)
        document = review(pod, userInfo={"username": SIGNER})
        assert said(document, rules("no_privileged_container"))["allowed"] is False


def test_a_rule_that_nobody_may_waive_is_not_waived() -> None:
    item = {
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "open"},
        "roleRef": {"kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "User", "name": "system:anonymous"}],
    }
    document = review(waived(item, rule="binding_not_anonymous"), userInfo={"username": SIGNER})
    assert said(document, rules("binding_not_anonymous"))["allowed"] is False


def test_the_signer_is_who_brings_declarations_to_a_sites_cluster() -> None:
    made = rbac.site_objects()
    shapers = {
        role["metadata"]["name"]
        for role in made
        for rule in role.get("rules", ())
        if "deployments" in rule.get("resources", ()) and "create" in rule["verbs"]
    }
    bound = [item for item in made if item.get("roleRef", {}).get("name") in shapers]
    assert [subject["name"] for item in bound for subject in item["subjects"]] == [SIGNER]


def broken(**changed: Any) -> Object:
    return review(good_pod("x"), **changed)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "AdmissionReview",
        {},
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"},
        broken() | {"kind": "Pod"},
        broken() | {"apiVersion": "admission.k8s.io/v1beta1"},
        broken() | {"request": "x"},
        broken(uid=""),
        broken(operation="PATCH"),
        broken(operation=None),
        broken(userInfo={}),
        broken(object=None),
        broken(object={"kind": "Pod"}),
        broken(object={"kind": ["Pod"], "metadata": {"name": "x"}}),
    ],
)
def test_what_is_no_review_gets_no_answer(document: Any) -> None:
    with pytest.raises(MalformedError):
        read(document)
