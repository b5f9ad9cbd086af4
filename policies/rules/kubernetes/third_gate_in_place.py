"""The cluster asks our admission gate, as it was generated.

Why: what preview refuses enters by the back door of a cluster that does not ask: whoever may change
the webhook's selector or set `Ignore` switches the rules off without touching a rule.
Clause: GB/T 22239-2019 8.1.4.2 e (access policy holds for every access), 8.1.5.3 b, 8.1.5.4 e.
Fix: apply `xinglin policy webhook` and `xinglin policy admission-policies` again, after each
upgrade of Xinglin too.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="third_gate_in_place",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.2 e"),
        Clause("GB/T 22239-2019", "8.1.5.3 b"),
        Clause("GB/T 22239-2019", "8.1.5.4 e"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.CLUSTER,),
    title=Text("第三道关口按生成内容在位", "The third gate stands as it was generated"),
    remedy=Text(
        "重新应用 xinglin policy webhook 与 admission-policies 的输出",
        "apply what xinglin policy webhook and admission-policies print",
    ),
)

WRONG = {"absent": Text("不存在", "is absent"), "changed": Text("已被改动", "was changed")}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per object of the gate that is absent or was changed."""
    gate = resource.inputs["facts"].get("gate")
    if gate is None:
        yield unread("admissionregistration.k8s.io")
    for part in gate or ():
        if part["state"] in WRONG:
            how = WRONG[part["state"]]
            yield Text(f"{part['name']} {how.zh}", f"{part['name']} {how.en}")
