"""The target passed 密评 for the workload's level or a higher one (GB/T 39786-2021)."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    grades, needed = known(facts.grades, "grades"), facts.workload.crypto_level
    if grades.crypto_level < needed:
        return failed(
            f"目标为密评 {grades.crypto_level} 级，需 {needed} 级",
            f"the target passed level {grades.crypto_level}, level {needed} is needed",
        )
    return passed(
        f"目标为密评 {grades.crypto_level} 级", f"the target passed level {grades.crypto_level}"
    )


CHECK = Precheck(
    id="crypto_grade",
    part=Part.DUTIES,
    title=Text("目标密评级别", "The target's cryptography assessment"),
    severity=Severity.WARNING,
    remedy=Text("完成目标站点的密码应用安全性评估", "have the target's cryptography assessed"),
    function=check,
)
