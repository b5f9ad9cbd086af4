"""Every workload's namespace denies all traffic that no rule allows, in and out.

Why: zones are worth nothing if a pod may talk to any other; a flow must be declared to exist.
Clause: GB/T 22239-2019 8.1.3.2 a (deny by default), 8.1.3.1 c (going out without permission).
Fix: add a NetworkPolicy that selects all pods, names both directions and allows nothing.
Waiver: the security administrator, for one workload and with an end date in the record.
"""

from collections.abc import Iterator
from typing import Any

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="default_deny_network",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.2 a"), Clause("GB/T 22239-2019", "8.1.3.1 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.WORKLOAD,),
    needs=("objects",),
    title=Text("命名空间默认拒绝网络访问", "A namespace denies network traffic by default"),
    remedy=Text(
        "增加 podSelector 为空、policyTypes 含 Ingress 与 Egress 且无放行项的 NetworkPolicy",
        "add a NetworkPolicy with an empty podSelector, both policyTypes and no allowance",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per direction that nothing denies."""
    denied: set[str] = set()
    for item in resource.inputs["objects"]:
        if item["kind"] == "NetworkPolicy":
            denied |= _denied(item["spec"])
    for direction, zh in (("Ingress", "入站"), ("Egress", "出站")):
        if direction not in denied:
            yield Text(f"{zh}未默认拒绝", f"{direction.lower()} is not denied by default")


def _denied(spec: dict[str, Any]) -> set[str]:
    if any(spec.get("podSelector", {}).values()):
        return set()
    return {kind for kind in spec.get("policyTypes", ()) if not spec.get(kind.lower())}
