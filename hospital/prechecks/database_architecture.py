"""A physical move stays on one CPU architecture.

Data files hold the machine's alignment and the signedness of its char: an index built on x86 may be
silently wrong on ARM.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    PHYSICAL,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    here = known(source(facts).architecture, "source.architecture")
    there = known(target(facts).architecture, "target.architecture")
    if here != there:
        return failed(f"{here} 至 {there}", f"{here} to {there}")
    return passed(f"两端均为 {here}", f"{here} at both ends")


CHECK = Precheck(
    id="database_architecture",
    part=Part.DATABASE,
    title=Text("物理迁移不跨架构", "A physical move stays on one architecture"),
    severity=Severity.BLOCKING,
    remedy=Text("改用逻辑方式迁移", "move logically"),
    function=check,
    methods=PHYSICAL,
    database=True,
    blind=True,
)
