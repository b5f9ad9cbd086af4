"""The database at the target of a logical move is empty: rows of two origins never mix."""

from __future__ import annotations

from hospital.prechecks.check import (
    LOGICAL,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    there = target(facts)
    if not known(there.exists, "target.exists"):
        return failed("目标库尚不存在", "the database is not there yet")
    objects = known(there.user_objects, "target.user_objects")
    if objects:
        return failed(
            f"目标库已有 {objects} 个对象", f"the target's database has {objects} objects"
        )
    return passed("目标库为空", "the target's database is empty")


CHECK = Precheck(
    id="target_empty",
    part=Part.DATABASE,
    title=Text("目标库存在且为空", "The target's database is there, and empty"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "执行 pulumi up 建库；有对象时核实后清空",
        "pulumi up makes it; if it holds something, find out whose, then empty it",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
    blind=True,
)
