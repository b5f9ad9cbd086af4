"""Materialized views are not carried: they are empty at the target until refreshed."""

from __future__ import annotations

from hospital.prechecks.check import (
    LOGICAL,
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
    names = known(source(facts).materialized_views, "source.materialized_views")
    if names:
        return failed(f"须在目标刷新：{listed(names)}", f"to be refreshed there: {listed(names)}")
    return passed("没有物化视图", "there are no materialized views")


CHECK = Precheck(
    id="materialized_views",
    part=Part.CONTENT,
    title=Text("物化视图", "Materialized views"),
    severity=Severity.WARNING,
    remedy=Text(
        "切换前在目标执行 REFRESH MATERIALIZED VIEW",
        "REFRESH MATERIALIZED VIEW there before the cutover",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
)
