"""ValidatingAdmissionPolicies: the rules that the API server itself can judge, in CEL. Pure.

They hold in the namespaces of workloads, and for what belongs to no namespace, while the webhook
is down. ``EXPRESSIONS`` says again what a rule's ``check`` says; a test puts the fixtures of every
such rule before a real API server, so that the two cannot drift apart. What must never happen: an
expression that is stricter than its rule, and refuses what preview has passed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from hospital.rule import PODS, Rule
from policies.review import SIGNER, WAIVERS
from policies.rules import all_rules
from policies.rules.kubernetes import (
    binding_not_anonymous,
    no_added_capability,
    no_long_lived_token,
    no_unsafe_sysctl,
    seccomp_profile_set,
    selinux_type_allowed,
)
from policies.webhook import CONDITIONS, LABELS, PROTECTED, resource_rules
from policies.wording import title

API_VERSION = "admissionregistration.k8s.io/v1"

VARIABLES = (
    {
        "name": "pod",
        # `dyn`: one expression reads eight types, of which the type checker would refuse seven.
        "expression": "request.kind.kind == 'Pod' ? dyn(object).spec"
        " : request.kind.kind == 'CronJob' ? dyn(object).spec.jobTemplate.spec.template.spec"
        " : dyn(object).spec.template.spec",
    },
    {
        "name": "containers",
        "expression": "variables.pod.?initContainers.orValue([])"
        " + variables.pod.?containers.orValue([])"
        " + variables.pod.?ephemeralContainers.orValue([])",
    },
)


def _each(condition: str) -> str:
    """``condition`` holds for every container ``c``."""
    return f"variables.containers.all(c, {condition})"


def _among(values: Iterable[str]) -> str:
    """A list in CEL."""
    return json.dumps(sorted(values))


def _of(container: str, field: str) -> str:
    """A field of a container's security context, as an optional value."""
    return f"{container}.?securityContext.?{field}"


def _label(holder: str) -> str:
    options = _of(holder, "seLinuxOptions")
    return (
        f"{options}.?type.orValue('') in {_among(selinux_type_allowed.TYPES)}"
        f" && {options}.?user.orValue('') == '' && {options}.?role.orValue('') == ''"
    )


_POD = "variables.pod"
_USER = f"{_of('c', 'runAsUser')}.or({_of(_POD, 'runAsUser')})"
_NON_ROOT = f"{_of('c', 'runAsNonRoot')}.or({_of(_POD, 'runAsNonRoot')})"
_SECCOMP = f"{_of('c', 'seccompProfile')}.or({_of(_POD, 'seccompProfile')})"

EXPRESSIONS: Mapping[str, str] = {
    "binding_not_anonymous": "object.kind == 'ClusterRole'"
    f" ? object.metadata.?name.orValue('') != '{binding_not_anonymous.ROLE}'"
    " || object.?rules.orValue([]).all(r, size(r.?resources.orValue([])) == 0"
    f" && r.?nonResourceURLs.orValue([]).all(u, u in {_among(binding_not_anonymous.PUBLIC)}))"
    f" : (object.roleRef.kind == 'ClusterRole' && object.roleRef.name =="
    f" '{binding_not_anonymous.ROLE}') || object.?subjects.orValue([]).all(s,"
    f" !(s.name in {_among(binding_not_anonymous.NAMELESS)}))",
    "capabilities_dropped": _each(f"'ALL' in {_of('c', 'capabilities')}.?drop.orValue([])"),
    "no_added_capability": _each(
        f"{_of('c', 'capabilities')}.?add.orValue([])"
        f".all(one, one == '{no_added_capability.HARMLESS}')"
    ),
    "no_host_network": f"!{_POD}.?hostNetwork.orValue(false)",
    "no_host_path": f"{_POD}.?volumes.orValue([]).all(v, !has(v.hostPath))",
    "no_host_port": f"{_POD}.?hostNetwork.orValue(false) || "
    + _each("c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)"),
    "no_host_process_namespace": f"!{_POD}.?hostPID.orValue(false)"
    f" && !{_POD}.?hostIPC.orValue(false) && !{_POD}.?shareProcessNamespace.orValue(false)",
    "no_long_lived_token": f"object.?type.orValue('') != '{no_long_lived_token.TYPE}'",
    "no_privilege_escalation": _each(f"!{_of('c', 'allowPrivilegeEscalation')}.orValue(true)"),
    "no_privileged_container": _each(f"!{_of('c', 'privileged')}.orValue(false)"),
    "no_unsafe_sysctl": f"{_of(_POD, 'sysctls')}.orValue([])"
    f".all(s, s.name.replace('/', '.') in {_among(no_unsafe_sysctl.SAFE)})",
    "proc_stays_masked": _each(f"{_of('c', 'procMount')}.orValue('Default') == 'Default'"),
    "root_file_system_read_only": _each(f"{_of('c', 'readOnlyRootFilesystem')}.orValue(false)"),
    "runs_as_non_root": _each(
        f"{_USER}.hasValue() ? {_USER}.value() != 0 : {_NON_ROOT}.orValue(false)"
    ),
    "seccomp_profile_set": _each(
        f"{_SECCOMP}.?type.orValue('') in {_among(seccomp_profile_set.FILTERS)}"
    ),
    "selinux_type_allowed": f"{_label(_POD)} && {_each(_label('c'))}",
    "service_no_external_ips": "size(object.spec.?externalIPs.orValue([])) == 0",
}
"""Rule id → what must be true of ``object``, once ``VARIABLES`` are there for objects with pods."""


def admission_policies() -> tuple[dict[str, Any], ...]:
    """A policy and its binding for every rule in ``EXPRESSIONS``."""
    rules = {found.rule.id: found.rule for found in all_rules()}
    return tuple(
        made
        for rule_id, expression in EXPRESSIONS.items()
        for made in (policy(rules[rule_id], expression), binding(rules[rule_id]))
    )


def policy(rule: Rule, expression: str) -> dict[str, Any]:
    """The ValidatingAdmissionPolicy of one rule."""
    message = f"{rule.id}: {title(rule)} 整改：{rule.remedy.zh} / Remedy: {rule.remedy.en}"
    return {
        "apiVersion": API_VERSION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name_of(rule), "labels": LABELS},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "matchPolicy": "Equivalent",
                "resourceRules": resource_rules(rule.objects),
            },
            "matchConditions": [*CONDITIONS, *([_not_waived(rule)] if rule.waived_by else [])],
            "variables": list(VARIABLES) if set(rule.objects) <= set(PODS) else [],
            "validations": [{"expression": expression, "message": message, "reason": "Forbidden"}],
        },
    }


def binding(rule: Rule) -> dict[str, Any]:
    """Where that policy holds, and that it refuses."""
    return {
        "apiVersion": API_VERSION,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name_of(rule), "labels": LABELS},
        "spec": {
            "policyName": name_of(rule),
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": PROTECTED},
        },
    }


def name_of(rule: Rule) -> str:
    """The name of a rule's policy and binding."""
    return f"{rule.id.replace('_', '-')}.xinglin.dev"


def _not_waived(rule: Rule) -> dict[str, str]:
    # CEL has no clock here: a waiver that lapsed is refused by the webhook and found by the audit.
    signed = f"object.metadata.?annotations[?'{WAIVERS}'].orValue('')"
    return {
        "name": "is-not-waived",
        "expression": f"request.userInfo.username != '{SIGNER}'"
        f""" || !{signed}.contains('"{rule.id}"')""",
    }
