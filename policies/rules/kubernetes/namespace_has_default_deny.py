"""Every namespace with pods denies all traffic that no rule allows, in and out.

Why: zones are worth nothing if a pod may talk to any other; a flow must be declared to exist.
Exempt are the namespaces that the control plane fills itself, mostly on the nodes' own network.
Clause: GB/T 22239-2019 8.1.3.2 a (deny by default), 8.1.3.1 c (going out without permission),
8.2.2.1 b (tenants apart), 8.2.4.2 a, b (tenants set access, by pods: it moves along with them).
Fix: add a NetworkPolicy that selects all pods, names both directions and allows nothing.
Waiver: the security administrator, for one workload and with an end date.
"""

from collections.abc import Iterator

from hospital.flows import denied
from hospital.manifest import SYSTEM_NAMESPACES, name_of, namespace_of
from hospital.neighbours import neighbours
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text

RULE = Rule(
    id="namespace_has_default_deny",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.3.2 a"),
        Clause("GB/T 22239-2019", "8.1.3.1 c"),
        Clause("GB/T 22239-2019", "8.2.2.1 b"),
        Clause("GB/T 22239-2019", "8.2.4.2 a"),
        Clause("GB/T 22239-2019", "8.2.4.2 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("Namespace", *PODS),
    title=Text("命名空间默认拒绝网络访问", "A namespace denies network traffic by default"),
    remedy=Text(
        "增加 podSelector 为空、policyTypes 含 Ingress 与 Egress 且无放行项的 NetworkPolicy",
        "add a NetworkPolicy with an empty podSelector, both policyTypes and no allowance",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
    scope=Scope.ESTATE,
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per direction that nothing denies, told at the Namespace.

    Where no Namespace is known, as in most charts, it is told at the first object with pods.
    """
    item = resource.inputs["object"]
    pods = [*neighbours(resource, facts, *PODS)]
    speakers = [*neighbours(resource, facts, "Namespace"), *pods]
    name = name_of(item) if item["kind"] == "Namespace" else namespace_of(item)
    if not pods or speakers[0] is not item or name in SYSTEM_NAMESPACES:
        return
    policies = neighbours(resource, facts, "NetworkPolicy")
    closed = {direction for policy in policies for direction in denied(policy)}
    for direction, zh in (("Ingress", "入站"), ("Egress", "出站")):
        if direction not in closed:
            where = name or "?"
            yield Text(
                f"命名空间 {where} {zh}未默认拒绝",
                f"{direction.lower()} of namespace {where} is not denied by default",
            )
