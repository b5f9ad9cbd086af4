"""The target's database is encrypted where it lies, if the data are of level 3 or above.

GB/T 39725-2020 asks for it of what identifies a patient.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    passed,
    skipped,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

ENCRYPTED_FROM_LEVEL = 3


def check(facts: Facts) -> Answer:
    name = facts.target_database or facts.workload.database
    if facts.workload.data_level < ENCRYPTED_FROM_LEVEL:
        return skipped(
            f"数据级别 {facts.workload.data_level} 不作要求",
            f"data level {facts.workload.data_level} does not ask for it",
        )
    if any(each.name == name and each.encrypted_at_rest for each in facts.estate.databases):
        return passed(f"{name} 已声明存储加密", f"{name} is declared encrypted at rest")
    return failed(f"{name} 未声明存储加密", f"{name} is not declared encrypted at rest")


CHECK = Precheck(
    id="encrypted_at_rest",
    part=Part.DUTIES,
    title=Text("目标数据库存储加密", "The target's database is encrypted at rest"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "启用存储加密后声明 encryptedAtRest: true",
        "encrypt its storage, then declare encryptedAtRest: true",
    ),
    function=check,
    database=True,
    declared=True,
)
