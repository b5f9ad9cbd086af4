"""There are no unlogged tables: nothing replicates them, and a promotion empties them."""

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
    source,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    names = known(source(facts).unlogged_tables, "source.unlogged_tables")
    if names:
        return failed(
            f"非日志表不会被复制：{listed(names)}",
            f"unlogged tables are not carried: {listed(names)}",
        )
    return passed("没有非日志表", "there are no unlogged tables")


CHECK = Precheck(
    id="unlogged_tables",
    part=Part.CONTENT,
    title=Text("没有非日志表", "No unlogged tables"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "ALTER TABLE … SET LOGGED；可丢弃的缓存表由人员确认",
        "ALTER TABLE ... SET LOGGED; a person takes on caches that may be lost",
    ),
    function=check,
    database=True,
)
