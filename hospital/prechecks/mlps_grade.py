"""The target was assessed for the workload's 等保 level or a higher one (GB/T 22239-2019)."""

from __future__ import annotations

from hospital.local_time import local
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
    grades, needed = known(facts.grades, "grades"), facts.workload.mlps_level
    if grades.mlps_level < needed:
        return failed(
            f"目标为等保 {grades.mlps_level} 级，需 {needed} 级",
            f"the target is of level {grades.mlps_level}, level {needed} is needed",
        )
    if grades.until is not None and grades.until < local(facts.now).date():
        return failed("目标的测评已过期", "the target's assessment has ended")
    return passed(
        f"目标为等保 {grades.mlps_level} 级", f"the target is of level {grades.mlps_level}"
    )


CHECK = Precheck(
    id="mlps_grade",
    part=Part.DUTIES,
    title=Text("目标等保级别", "The target's MLPS level"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "完成目标站点的定级备案与测评", "have the target filed and assessed for that level"
    ),
    function=check,
)
