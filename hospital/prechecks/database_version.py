"""PostgreSQL is never moved to an older major version, and physically only to the same one.

Files of one major version mean nothing to another; a dump of a newer one may not load in an older.
"""

from __future__ import annotations

from hospital.move import Method
from hospital.prechecks.check import (
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
    here = known(source(facts).version, "source.version") // 10000
    there = known(target(facts).version, "target.version") // 10000
    zh, en = f"PostgreSQL {here} 至 {there}", f"PostgreSQL {here} to {there}"
    if there < here:
        return failed(f"{zh}：不允许降级", f"{en}: a downgrade is refused")
    if facts.method is Method.PHYSICAL and there != here:
        return failed(
            f"{zh}：物理方式须同一主版本", f"{en}: a physical move needs one major version"
        )
    return passed(zh, en)


CHECK = Precheck(
    id="database_version",
    part=Part.DATABASE,
    title=Text("数据库版本不降级", "No downgrade of the database"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "目标采用相同或更新的主版本；主版本不同时用逻辑方式",
        "give the target the same or a newer major version; across versions move logically",
    ),
    function=check,
    database=True,
    blind=True,
)
