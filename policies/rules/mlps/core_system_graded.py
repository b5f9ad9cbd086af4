"""A system that holds identified patient data is graded at least level 3.

Why: the grade decides every other duty; a core system declared too low escapes them all. The core
systems of a grade-A tertiary hospital, and any Internet hospital, are not below level 3.
Clause: GB/T 22239-2019 8.1.9.1; 国卫规划发〔2022〕29号 article 6; GB/T 39725-2020 level 4.
Fix: have it graded and filed, then declare `mlpsLevel: 3`.
Waiver: nobody in the hospital; the grading record decides.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="core_system_graded",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.9.1"),
        Clause("国卫规划发〔2022〕29号", "第6条"),
        Clause("GB/T 39725-2020", "第4级数据"),
    ),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.WORKLOAD,),
    title=Text("核心系统定级不低于三级", "A core system is graded at least level 3"),
    remedy=Text(
        "完成定级备案后填写 mlpsLevel: 3 或以上",
        "have the system graded and filed, then declare mlpsLevel: 3 or above",
    ),
)

CORE_TIERS = ("A", "B")
IDENTIFIED = 4  # GB/T 39725-2020: from this level on, data name a person
LEAST = 3


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when tier, data and grade do not fit."""
    workload = resource.inputs["workload"]
    core = workload["tier"] in CORE_TIERS and workload["dataLevel"] >= IDENTIFIED
    if core and workload["mlpsLevel"] < LEAST:
        tier, data, grade = workload["tier"], workload["dataLevel"], workload["mlpsLevel"]
        yield Text(
            f"{tier} 类、数据 {data} 级，等保仅定 {grade} 级",
            f"tier {tier} with data of level {data} is graded only {grade}",
        )
