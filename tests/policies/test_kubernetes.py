"""Every mandatory rule about pods, asked of the laboratory's own workloads with one thing changed.

The objects are those that Xinglin applies. A change that a second rule finds too would be one fact
told twice; a change that no rule finds would pass every gate.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hospital.estate import Estate, Site, Workload
from hospital.rule import PODS, Kind, Level, Scope
from policies.judgement import judge
from policies.nouns import from_estate
from policies.rules import all_rules
from providers.objects import objects
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
TODAY = date(2026, 11, 23)
CHANGED = "Object/Deployment/hospital-his/his@campus-x86"

Pod = dict[str, Any]
Mutation = Callable[[Pod], None]
Finding = tuple[str, str, str]  # rule, resource, reason

CONTAINER = ("containers", 0)
CONTEXT = (*CONTAINER, "securityContext")


def put(value: Any, *path: str | int) -> Mutation:
    """The change that sets what is at ``path`` of a pod's spec."""

    def mutate(pod: Pod) -> None:
        _holder(pod, *path[:-1])[path[-1]] = value

    return mutate


def drop(*path: str | int) -> Mutation:
    """The change that takes away what is at ``path``, which must be there."""

    def mutate(pod: Pod) -> None:
        del _holder(pod, *path[:-1])[path[-1]]

    return mutate


def add(value: Any, *path: str | int) -> Mutation:
    """The change that appends to the list at ``path``."""

    def mutate(pod: Pod) -> None:
        _holder(pod, *path).append(value)

    return mutate


MUTATIONS: dict[str, Mutation] = {
    "apparmor_not_unconfined": put({"type": "Unconfined"}, *CONTEXT, "appArmorProfile"),
    "capabilities_dropped": put(["NET_RAW"], *CONTEXT, "capabilities", "drop"),
    "default_service_account_unused": drop("serviceAccountName"),
    "image_registry_named": put(f"docker.io/library/nginx@sha256:{'0' * 64}", *CONTAINER, "image"),
    "memory_limited": drop(*CONTAINER, "resources", "limits", "memory"),
    "no_added_capability": put(["SYS_ADMIN"], *CONTEXT, "capabilities", "add"),
    "no_host_network": put(True, "hostNetwork"),
    "no_host_path": add({"name": "node", "hostPath": {"path": "/var/log"}}, "volumes"),
    "no_host_port": put(8080, *CONTAINER, "ports", 0, "hostPort"),
    "no_host_process_namespace": put(True, "hostPID"),
    "no_plain_secret_in_environment": add(
        {"name": "SMS_PASSWORD", "value": "hunter2"}, *CONTAINER, "env"
    ),
    "no_privilege_escalation": drop(*CONTEXT, "allowPrivilegeEscalation"),
    "no_privileged_container": put(True, *CONTEXT, "privileged"),
    "no_unsafe_sysctl": put(
        [{"name": "net.core.somaxconn", "value": "1024"}], "securityContext", "sysctls"
    ),
    "proc_stays_masked": put("Unmasked", *CONTEXT, "procMount"),
    "readiness_probed": drop(*CONTAINER, "readinessProbe"),
    "requests_declared": drop(*CONTAINER, "resources", "requests", "cpu"),
    "root_file_system_read_only": drop(*CONTEXT, "readOnlyRootFilesystem"),
    "runs_as_non_root": put(0, *CONTEXT, "runAsUser"),
    "seccomp_profile_set": drop("securityContext", "seccompProfile"),
    "selinux_type_allowed": put({"type": "spc_t"}, *CONTEXT, "seLinuxOptions"),
    "token_not_mounted": drop("automountServiceAccountToken"),
}

ADVICE: dict[str, Mutation] = {
    "architecture_pinned": drop("affinity"),
    "liveness_probed": drop(*CONTAINER, "livenessProbe"),
    "stops_gracefully": put(0, "terminationGracePeriodSeconds"),
}


@cache
def lab() -> Estate:
    return read_estate(LAB)


@cache
def found_unchanged() -> frozenset[Finding]:
    return found(None)


def found(mutate: Mutation | None) -> frozenset[Finding]:
    """All findings of all rules in the lab, whose HIS at the first campus is changed."""

    def changed(workload: Workload, site: Site) -> tuple[dict[str, Any], ...]:
        items = deepcopy(objects(workload, site))
        if mutate is not None and (workload.name, site.name) == ("his", "campus-x86"):
            (deployment,) = (item for item in items if item["kind"] == "Deployment")
            mutate(deployment["spec"]["template"]["spec"])
        return items

    judgement = judge(all_rules(), from_estate(lab(), objects=changed), today=TODAY)
    return frozenset(
        (finding.rule.id, finding.resource.id, finding.reason.en) for finding in judgement.findings
    )


@pytest.mark.parametrize("rule", [*MUTATIONS, *ADVICE])
def test_one_change_to_a_pod_is_found_by_its_own_rule_alone(rule: str) -> None:
    new = found((MUTATIONS | ADVICE)[rule]) - found_unchanged()
    assert {(by, resource) for by, resource, _ in new} == {(rule, CHANGED)}, new


def test_no_mandatory_rule_about_pods_finds_anything_in_what_xinglin_applies() -> None:
    ours = {finding for finding in found_unchanged() if finding[0] in MUTATIONS}
    assert ours == set()


def test_every_mandatory_rule_about_one_pod_has_a_change_that_it_finds() -> None:
    rules = [each.rule for each in all_rules() if each.family == "kubernetes"]
    about_pods = {
        rule.id
        for rule in rules
        if rule.scope is Scope.RESOURCE and rule.level is Level.MANDATORY
        if Kind.OBJECT in rule.kinds and set(rule.objects) <= set(PODS)
    }
    assert about_pods == MUTATIONS.keys()


def _holder(pod: Pod, *path: str | int) -> Any:
    holder: Any = pod
    for step in path:
        holder = holder[step]
    return holder
