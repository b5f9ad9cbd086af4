"""What runs in several replicas says how many may be away at once.

Why: a drained node, an upgrade and an autoscaler evict pods as they please; without a budget all
replicas may go together, and redundancy was for nothing. Where no number is declared, somebody else
sets it (an autoscaler, the recovery): more than one is assumed.
Clause: GB/T 22239-2019 8.1.4.9 c (hot redundancy), 8.1.2.1 e (redundant computing).
Fix: add a PodDisruptionBudget whose selector matches the pods' labels.
Waiver: the head of the department that owns the workload.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, selects, template_labels
from hospital.neighbours import neighbours
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text

RULE = Rule(
    id="deployment_has_disruption_budget",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.9 c"), Clause("GB/T 22239-2019", "8.1.2.1 e")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=("Deployment", "StatefulSet"),
    title=Text("多副本须有中断预算", "What runs in replicas has a disruption budget"),
    remedy=Text(
        "增加选择器匹配该 Pod 标签的 PodDisruptionBudget",
        "add a PodDisruptionBudget whose selector matches the pods' labels",
    ),
    waived_by=Text("业务主管部门负责人", "the head of the department that owns the workload"),
    scope=Scope.ESTATE,
)

SEVERAL = 2


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if no budget selects the pods; a budget without a selector selects none."""
    item = resource.inputs["object"]
    if item["spec"].get("replicas", SEVERAL) < SEVERAL:
        return
    budgets = neighbours(resource, facts, "PodDisruptionBudget")
    chosen = (budget.get("spec", {}).get("selector") for budget in budgets)
    labels = template_labels(item)
    if not any(selector is not None and selects(selector, labels) for selector in chosen):
        name = name_of(item)
        yield Text(f"{name} 没有中断预算", f"no disruption budget selects the pods of {name}")
