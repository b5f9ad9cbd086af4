"""Replicas do not all stand on one node.

Why: the scheduler may put them all onto the emptiest node, and that node's power cord is then the
whole redundancy. Advisory: a cluster may spread by a default of its own.
Clause: GB/T 22239-2019 8.1.4.9 c (hot redundancy), 8.1.2.1 e (redundant computing).
Fix: a topologySpreadConstraint over `kubernetes.io/hostname`, or a podAntiAffinity.
Waiver: the head of operations, for a cluster of one node.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, pod_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="replicas_spread",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.9 c"), Clause("GB/T 22239-2019", "8.1.2.1 e")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=("Deployment", "StatefulSet"),
    title=Text("副本分布到不同节点", "Replicas are spread over nodes"),
    remedy=Text(
        "添加 topologySpreadConstraints 或 podAntiAffinity",
        "add topologySpreadConstraints or a podAntiAffinity",
    ),
    waived_by=Text("运维负责人", "the head of operations"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if several replicas are declared and nothing keeps them apart."""
    item = resource.inputs["object"]
    pod, replicas = pod_of(item), item["spec"].get("replicas", 1)
    apart = pod.get("affinity", {}).get("podAntiAffinity", {})
    if replicas > 1 and not pod.get("topologySpreadConstraints") and not any(apart.values()):
        name = name_of(item)
        yield Text(
            f"{name} 的 {replicas} 个副本可能位于同一节点",
            f"the {replicas} replicas of {name} may stand on one node",
        )
