"""No other migration of the workload is under way: two streams would write into each other."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    migrations = known(facts.migrations, "migrations")
    if migrations:
        return failed(f"迁移进行中：{listed(migrations)}", f"under way: {listed(migrations)}")
    return passed("没有进行中的迁移", "no other migration is under way")


CHECK = Precheck(
    id="migration_idle",
    part=Part.STATE,
    title=Text("没有进行中的迁移", "No other migration is under way"),
    severity=Severity.BLOCKING,
    remedy=Text("先定稿或回退它", "finalize it or roll it back first"),
    function=check,
    blind=True,
)
