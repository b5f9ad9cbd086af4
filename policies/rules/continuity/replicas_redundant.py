"""A workload of tier A or B runs in two copies or more at its site.

Why: one copy is down whenever its node is, and whenever it is updated; that needs no disaster.
Clause: GB/T 22239-2019 8.1.4.9 c (important processing is redundant and hot), 8.1.2.1 e.
Fix: declare `replicas: 2` or more.
Waiver: the head of the department that owns the workload, while it cannot run twice.
"""

from collections.abc import Iterator

from hospital.parameters import of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="replicas_redundant",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.9 c"), Clause("GB/T 22239-2019", "8.1.2.1 e")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.WORKLOAD,),
    title=Text("A、B 类业务多副本运行", "Tier A and B workloads run in two copies or more"),
    remedy=Text("replicas 填写 2 或以上", "declare replicas: 2 or more"),
    waived_by=Text("业务主管部门负责人", "the head of the department that owns the workload"),
    parameters=of("replicas_redundant"),
)

CORE = ("A", "B")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when there is a single copy."""
    workload = resource.inputs["workload"]
    name, tier, count = workload["name"], workload["tier"], workload["replicas"]
    if tier in CORE and count < facts.parameter(RULE, "replicas"):
        yield Text(
            f"{tier} 类业务 {name} 仅有 {count} 个副本",
            f"{name}, tier {tier}, runs in {count} copy only",
        )
