"""One fault in the lab's own objects makes exactly the rule speak that is about this fault.

The fixtures show that a rule sees its fault; this shows that it sees it among a hospital's real
objects, and that no other rule of objects tells the same fault again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from hospital.rule import PODS, Kind, Level, Resource
from lab import rbac
from lab.cluster import CRDS
from policies.intake import from_object
from policies.judgement import judge
from policies.nouns import from_estate
from policies.rules import all_rules
from providers.objects import objects, trust
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
TODAY = date(2026, 11, 23)
SITE = "campus-x86"
RBAC = "rbac.authorization.k8s.io"

Object = dict[str, Any]

# As an API server shows it: it is none of ours, and whoever changes it gives rights all the same.
BUILT_IN: Object = {
    "apiVersion": f"{RBAC}/v1",
    "kind": "ClusterRole",
    "metadata": {
        "name": "system:node",
        "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"},
        "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"},
        "managedFields": [{"manager": "kube-apiserver", "fieldsV1": {"f:rules": {}}}],
    },
    "rules": [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]}],
}

Said = set[tuple[str, str, str]]

OF_OBJECTS = [found for found in all_rules() if Kind.OBJECT in found.rule.kinds]
OURS = [found for found in OF_OBJECTS if not set(found.rule.objects) <= set(PODS)]


def lab() -> tuple[Resource, ...]:
    """Every object of the lab: of its workloads at all sites, rights and kinds in its clusters."""
    found = [*from_estate(read_estate(LAB), objects=objects)]
    found += [from_object(item, at=SITE) for item in rbac.site_objects()]
    found += [from_object(item, at="hub") for item in rbac.hub_objects()]
    found += [from_object(BUILT_IN, at=SITE)]
    kinds = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in CRDS.glob("*.yaml"))
    found += [from_object(item, at=SITE) for item in kinds]
    return tuple(item for item in found if item.kind is Kind.OBJECT)


def said(resources: Iterable[Resource]) -> Said:
    findings = judge(OF_OBJECTS, resources, today=TODAY).findings
    return {(each.rule.id, each.resource.id, each.reason.en) for each in findings}


@pytest.fixture(scope="module")
def before() -> Said:
    return said(lab())


def grant(groups: list[str], resources: list[str], verbs: list[str]) -> Callable[[Object], None]:
    return lambda role: role["rules"].append(rbac.rule(groups, resources, verbs))


def bind(subject: Object) -> Callable[[Object], None]:
    return lambda binding: binding["subjects"].append(subject)


CHANGED: dict[str, tuple[str, Callable[[Object], None]]] = {
    "role_no_wildcard": (
        "ClusterRole/xinglin:kwok",
        lambda role: role["rules"][2].update(verbs=["*"]),
    ),
    "role_no_escalation_verb": (
        "ClusterRole/xinglin:pulumi",
        grant([RBAC], ["roles"], ["get", "bind"]),
    ),
    "role_reads_no_secrets": (
        "ClusterRole/xinglin:auditor",
        lambda role: role["rules"][0]["resources"].append("secrets"),
    ),
    "role_no_exec": ("ClusterRole/xinglin:sre", grant([""], ["pods/exec"], ["create"])),
    "role_no_node_proxy": (
        "ClusterRole/xinglin:kwok",
        lambda role: role["rules"][0]["resources"].append("nodes/proxy"),
    ),
    "role_no_token_creation": (
        "ClusterRole/xinglin:operators",
        grant([""], ["serviceaccounts/token"], ["create"]),
    ),
    "role_cannot_change_admission": (
        "ClusterRole/xinglin:pulumi",
        grant(["admissionregistration.k8s.io"], ["validatingwebhookconfigurations"], ["patch"]),
    ),
    "role_cannot_sign_certificates": (
        "ClusterRole/xinglin:pulumi",
        grant(["certificates.k8s.io"], ["certificatesigningrequests/approval"], ["update"]),
    ),
    "builtin_role_unchanged": (
        "ClusterRole/system:node",
        lambda role: role["metadata"]["managedFields"][0].update(manager="kubectl-edit"),
    ),
    "binding_not_cluster_admin": (
        "ClusterRoleBinding/xinglin:sre",
        lambda binding: binding["roleRef"].update(name="cluster-admin"),
    ),
    "binding_not_default_account": (
        "ClusterRoleBinding/xinglin:operators",
        bind({"kind": "ServiceAccount", "name": "default", "namespace": "hospital-his"}),
    ),
    "binding_not_anonymous": (
        "ClusterRoleBinding/xinglin:operators",
        bind({"kind": "Group", "name": "system:unauthenticated"}),
    ),
    "policy_no_any_peer": (
        "NetworkPolicy/hospital-his/allow-ingress",
        lambda policy: policy["spec"]["ingress"][0]["from"].append(
            {"ipBlock": {"cidr": "0.0.0.0/0"}}
        ),
    ),
    "policy_no_open_egress": (
        "NetworkPolicy/hospital-his/allow-database",
        lambda policy: policy["spec"]["egress"][0].pop("to"),
    ),
    "policy_names_ports": (
        "NetworkPolicy/hospital-his/allow-database",
        lambda policy: policy["spec"]["egress"][0].pop("ports"),
    ),
    "service_not_public": (
        "Service/hospital-his/his",
        lambda service: service["spec"].update(type="LoadBalancer"),
    ),
    "service_no_external_ips": (
        "Service/hospital-his/his",
        lambda service: service["spec"].update(externalIPs=["10.1.0.99"]),
    ),
    "no_risky_port_served": (
        "Service/hospital-his/his",
        lambda service: service["spec"]["ports"].append(
            {"name": "db", "port": 15432, "targetPort": 5432}
        ),
    ),
    "namespace_pod_security_restricted": (
        "Namespace/hospital-his",
        lambda space: space["metadata"]["labels"].pop("pod-security.kubernetes.io/enforce"),
    ),
    "namespace_has_default_deny": (
        "NetworkPolicy/hospital-his/deny-all",
        lambda policy: policy["spec"].update(policyTypes=["Ingress"]),
    ),
    "custom_resource_validated": (
        "CustomResourceDefinition/sites.xinglin.dev",
        lambda definition: definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].update(
            {"x-kubernetes-preserve-unknown-fields": True}
        ),
    ),
    "deployment_has_disruption_budget": (
        "PodDisruptionBudget/hospital-his/his",
        lambda budget: budget["spec"]["selector"].update(matchLabels={"app": "other"}),
    ),
}

HIS = next(item for item in read_estate(LAB).workloads if item.name == "his")
CONFIG = trust(HIS, "-----BEGIN CERTIFICATE-----")


def meta(kind: str, *, name: str, **metadata: Any) -> Object:
    return {"kind": kind, "metadata": {"name": name, "namespace": "hospital-his", **metadata}}


ADDED: dict[str, Object] = {
    "no_long_lived_token": meta("Secret", name="his-token")
    | {"type": "kubernetes.io/service-account-token"},
    "ingress_has_tls": meta("Ingress", name="his")
    | {"spec": {"rules": [{"host": "his.hospital.test"}]}},
    "no_plain_secret_in_config_map": CONFIG | {"data": {"DB_PASSWORD": "hunter2"}},
    "api_service_verified": {
        "kind": "APIService",
        "metadata": {"name": "v1beta1.metrics.k8s.io"},
        "spec": {"insecureSkipTLSVerify": True},
    },
    "not_in_default_namespace": CONFIG | {"metadata": {"name": "his", "namespace": "default"}},
}


def changed(path: str, change: Callable[[Object], None]) -> list[Resource]:
    """The lab with one object changed, at one site."""
    found, name = [], f"{path}@{SITE}"
    for item in lab():
        if item.name == name:
            new = deepcopy(dict(item.inputs["object"]))
            change(new)
            assert new != item.inputs["object"]
            item = Resource(item.kind, item.name, {**item.inputs, "object": new})  # noqa: PLW2901
        found.append(item)
    assert name in {item.name for item in found}
    return found


def speaking(after: Said, before: Said) -> set[str]:
    return {rule for rule, _, _ in after - before}


@pytest.mark.parametrize("rule", CHANGED)
def test_a_fault_in_an_object_of_the_lab_is_told_by_its_rule_and_no_other(
    rule: str, before: Said
) -> None:
    assert speaking(said(changed(*CHANGED[rule])), before) == {rule}


@pytest.mark.parametrize("rule", ADDED)
def test_a_faulty_object_in_the_lab_is_told_by_its_rule_and_no_other(
    rule: str, before: Said
) -> None:
    assert speaking(said((*lab(), from_object(ADDED[rule], at=SITE))), before) == {rule}


def test_every_mandatory_rule_about_more_than_pods_has_its_fault_here() -> None:
    mandatory = {found.rule.id for found in OURS if found.rule.level is Level.MANDATORY}
    assert mandatory <= CHANGED.keys() | ADDED.keys()


def test_the_objects_of_the_labs_workloads_break_none_of_these_rules() -> None:
    workloads = from_estate(read_estate(LAB), objects=objects)
    judgement = judge(OURS, workloads, today=TODAY)
    assert [(each.rule.id, each.resource.id) for each in judgement.findings] == []
    assert sum(len(tally.judged) for tally in judgement.tallies) > len(workloads)


def test_the_rights_that_we_give_ourselves_break_no_mandatory_rule() -> None:
    rights = [
        from_object(item, at=place)
        for place, items in {SITE: rbac.site_objects(), "hub": rbac.hub_objects()}.items()
        for item in items
    ]
    judgement = judge(OF_OBJECTS, rights, today=TODAY)
    assert [(each.rule.id, each.resource.id) for each in judgement.findings if each.refuses] == []
    roles = {tally.rule.id: len(tally.judged) for tally in judgement.tallies}
    assert roles["role_no_wildcard"] == sum(
        each.name.partition("/")[0].endswith("Role") for each in rights
    )
