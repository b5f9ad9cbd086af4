"""A disruption budget lets at least one pod go.

Why: a budget that lets none go blocks every drain, so the node is not patched, or somebody deletes
the pods by force and with them what the budget was for. Advisory: for a single replica that a
person must move by hand, that may be meant.
Clause: GB/T 22239-2019 8.1.4.4 e (known holes are patched in time).
Fix: `maxUnavailable: 1`, and as many replicas as the service needs beside the one that goes.
Waiver: the head of operations, for one workload that is moved by hand.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, selects, template_labels
from hospital.neighbours import neighbours
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text

RULE = Rule(
    id="disruption_budget_lets_drain",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 e"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.OBJECT,),
    objects=("PodDisruptionBudget",),
    title=Text("中断预算须允许腾空节点", "A disruption budget lets a node be drained"),
    remedy=Text("设置 maxUnavailable: 1 并增加副本", "set maxUnavailable: 1 and add replicas"),
    waived_by=Text("运维负责人", "the head of operations"),
    scope=Scope.ESTATE,
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if no pod may go, whatever runs or with the replicas that are declared."""
    item = resource.inputs["object"]
    spec, name = item.get("spec", {}), name_of(item)
    if spec.get("maxUnavailable") in (0, "0", "0%"):
        yield Text(f"{name} 不允许中断任何 Pod", f"{name} lets no pod go: maxUnavailable is 0")
    least, replicas = spec.get("minAvailable", 0), _replicas(resource, facts)
    if least == "100%" or (replicas and _count(least, replicas) >= replicas):
        yield Text(f"{name} 要求全部 Pod 可用", f"{name} lets no pod go: minAvailable is {least}")


def _replicas(resource: Resource, facts: Facts) -> int:
    """How many pods the budget selects; 0 if that is not declared for all of them."""
    selector = resource.inputs["object"].get("spec", {}).get("selector", {})
    holders = neighbours(resource, facts, "Deployment", "StatefulSet")
    chosen = [item["spec"] for item in holders if selects(selector, template_labels(item))]
    return (
        sum(spec["replicas"] for spec in chosen) if all("replicas" in one for one in chosen) else 0
    )


def _count(least: int | str, of: int) -> int:
    """Kubernetes rounds a percentage up."""
    return least if isinstance(least, int) else -(-int(least.rstrip("%")) * of // 100)
