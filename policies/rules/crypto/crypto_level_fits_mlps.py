"""A system graded level 3 or above in 等保 uses cryptography of that level.

Why: the level of cryptography follows from the grade; a level 3 system assessed by the rules of
level 2 fails its 密评 on the units that only level 3 knows.
Clause: GB/T 39786-2021 4.2. Advisory: the grade decides as a rule, the approved plan for the use of
cryptography decides in the single case.
Fix: declare `cryptoLevel` as high as `mlpsLevel`, and let the plan say so.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="crypto_level_fits_mlps",
    clauses=(Clause("GB/T 39786-2021", "4.2"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.WORKLOAD,),
    title=Text("密码应用等级不低于等保级别", "The level of cryptography is not below the grade"),
    remedy=Text(
        "cryptoLevel 不低于 mlpsLevel，并写入密码应用方案",
        "declare cryptoLevel as high as mlpsLevel",
    ),
)

FROM = 3  # 等保 level from which 密评 is a duty


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the level of cryptography is the lower one."""
    workload = resource.inputs["workload"]
    name, grade, level = workload["name"], workload["mlpsLevel"], workload["cryptoLevel"]
    if grade >= FROM and level < grade:
        yield Text(
            f"{name} 等保 {grade} 级，密码应用仅 {level} 级",
            f"{name} is graded {grade}, its cryptography only {level}",
        )
