"""Every network policy selects a pod that exists.

Why: a rule that matches nothing hides what is meant: a label was renamed and the wall is gone, or
the system is gone and the hole would open again with the next pod of that label. Advisory: pods
may be made by something that is not in view.
Clause: GB/T 22239-2019 8.1.3.2 b (rules that have no use are deleted).
Fix: correct the selector, or delete the policy.
Waiver: the security administrator, for pods that come and go.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, selects, template_labels
from hospital.neighbours import neighbours
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text

RULE = Rule(
    id="network_policy_selects_something",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.2 b"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.OBJECT,),
    objects=("NetworkPolicy",),
    title=Text("网络策略须选中 Pod", "Every network policy selects a pod"),
    remedy=Text("更正选择器或删除该策略", "correct the selector, or delete the policy"),
    waived_by=Text("安全管理员", "the security administrator"),
    scope=Scope.ESTATE,
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if pods of the namespace are known and none of them is selected."""
    item = resource.inputs["object"]
    selector = item.get("spec", {}).get("podSelector", {})
    pods = [template_labels(one) for one in neighbours(resource, facts, *PODS)]
    if pods and not any(selects(selector, labels) for labels in pods):
        name = name_of(item)
        yield Text(f"{name} 未选中任何 Pod", f"{name} selects no pod of its namespace")
