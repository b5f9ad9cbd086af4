"""What a cluster is told to ask, and that it is never told to ask about a repair."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from hospital.rule import Gate, Level
from policies.cel import EXPRESSIONS, admission_policies
from policies.rules import all_rules
from policies.webhook import (
    EXEMPT,
    NEVER_SHOWN,
    RESOURCES,
    WORKLOAD_LABEL,
    configuration,
    judged_kinds,
)
from providers import kubernetes

MADE = configuration("https://10.1.0.1:9443/", "PEM")
PROTECTED, OTHERS = MADE["webhooks"]


def asked(webhook: dict[str, Any]) -> set[str]:
    return {name for rule in webhook["rules"] for name in rule["resources"]}


def test_the_label_of_a_workloads_namespace_is_the_one_that_is_written() -> None:
    assert WORKLOAD_LABEL == kubernetes.WORKLOAD_LABEL


def test_every_kind_that_rules_name_is_asked_about_and_no_other() -> None:
    assert set(RESOURCES) == set(judged_kinds())
    named = {
        kind
        for found in all_rules()
        if Gate.ADMISSION in found.rule.gates
        for kind in found.rule.objects
    }
    assert named - set(RESOURCES) <= set(NEVER_SHOWN)


def test_the_server_and_its_authority_are_named() -> None:
    for webhook in (PROTECTED, OTHERS):
        assert webhook["clientConfig"]["url"] == "https://10.1.0.1:9443/validate"
        assert base64.b64decode(webhook["clientConfig"]["caBundle"]) == b"PEM"
        assert webhook["sideEffects"] == "None"
        assert webhook["timeoutSeconds"] == 2


def test_only_namespaces_of_workloads_are_closed_while_the_webhook_is_down() -> None:
    assert [webhook["failurePolicy"] for webhook in (PROTECTED, OTHERS)] == ["Fail", "Ignore"]
    operators = [
        expression["operator"]
        for webhook in (PROTECTED, OTHERS)
        for expression in webhook["namespaceSelector"]["matchExpressions"]
        if expression["key"] == WORKLOAD_LABEL
    ]
    assert operators == ["Exists", "DoesNotExist"]


@pytest.mark.parametrize("webhook", [PROTECTED, OTHERS], ids=["protected", "others"])
def test_where_a_cluster_is_repaired_nothing_is_asked(webhook: dict[str, Any]) -> None:
    _, exempt = webhook["namespaceSelector"]["matchExpressions"]
    assert (exempt["key"], exempt["operator"]) == ("kubernetes.io/metadata.name", "NotIn")
    assert set(exempt["values"]) == set(EXEMPT)
    assert {"kube-system", "kube-public", "kube-node-lease", "xinglin"} == set(EXEMPT)


@pytest.mark.parametrize("webhook", [PROTECTED, OTHERS], ids=["protected", "others"])
def test_nothing_but_creation_and_change_is_asked_and_never_a_scale(
    webhook: dict[str, Any],
) -> None:
    for rule in webhook["rules"]:
        assert rule["operations"] == ["CREATE", "UPDATE"]
    assert {name for name in asked(webhook) if "/" in name} == {"pods/ephemeralcontainers"}


def test_of_what_belongs_to_no_namespace_only_namespaces_can_be_closed() -> None:
    closed = [rule for rule in PROTECTED["rules"] if rule["scope"] == "Cluster"]
    assert [rule["resources"] for rule in closed] == [["namespaces"]]
    assert {"clusterrolebindings", "namespaces"} <= asked(OTHERS)


def test_every_expression_is_of_a_rule_that_refuses_at_this_gate() -> None:
    rules = {found.rule.id: found.rule for found in all_rules()}
    for rule_id in EXPRESSIONS:
        assert Gate.ADMISSION in rules[rule_id].gates
        assert rules[rule_id].level is Level.MANDATORY


def test_every_policy_is_bound_and_refuses_where_workloads_live() -> None:
    made = admission_policies()
    policies, bindings = made[::2], made[1::2]
    assert len(policies) == len(bindings) == len(EXPRESSIONS)
    for policy, binding in zip(policies, bindings, strict=True):
        assert binding["spec"]["policyName"] == policy["metadata"]["name"]
        assert binding["spec"]["validationActions"] == ["Deny"]
        selector = binding["spec"]["matchResources"]["namespaceSelector"]
        assert selector == PROTECTED["namespaceSelector"]


def test_a_policy_says_in_one_line_what_is_wrong_and_what_to_do_in_both_languages() -> None:
    for policy in admission_policies()[::2]:
        (validation,) = policy["spec"]["validations"]
        message = validation["message"]
        assert "\n" not in message
        assert "整改：" in message
        assert "Remedy: " in message
