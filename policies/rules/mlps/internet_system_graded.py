"""A system that faces the Internet and holds identified patient data is graded at least level 3.

Why: what everybody can reach is attacked by everybody, whatever tier its owner gave it. For an
Internet hospital level 3 is the rule.
Clause: 互联网医院管理办法（试行） (information systems at level 3); GB/T 22239-2019 8.1.9.1.
Advisory: other systems of the DMZ are graded by their own record; tier A and B are
`core_system_graded`'s matter.
Fix: have it graded and filed, then declare `mlpsLevel: 3`.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="internet_system_graded",
    clauses=(
        Clause("互联网医院管理办法（试行）", "信息系统"),
        Clause("GB/T 22239-2019", "8.1.9.1"),
    ),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.WORKLOAD,),
    title=Text("面向互联网的系统定级不低于三级", "An Internet-facing system is graded level 3"),
    remedy=Text(
        "完成定级备案后填写 mlpsLevel: 3 或以上",
        "have the system graded and filed, then declare mlpsLevel: 3 or above",
    ),
)

CORE_TIERS = ("A", "B")
IDENTIFIED = 4  # GB/T 39725-2020: from this level on, data name a person
LEAST = 3


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when zone, data and grade do not fit."""
    workload = resource.inputs["workload"]
    facing = workload["zone"] == "dmz" and workload["tier"] not in CORE_TIERS
    if facing and workload["dataLevel"] >= IDENTIFIED and workload["mlpsLevel"] < LEAST:
        name, data, grade = workload["name"], workload["dataLevel"], workload["mlpsLevel"]
        yield Text(
            f"{name} 位于 DMZ、数据 {data} 级，等保仅定 {grade} 级",
            f"{name} stands in the DMZ with data of level {data} and is graded only {grade}",
        )
