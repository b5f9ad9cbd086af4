"""Rules rewrite statements, and rows that are applied are no statements: rules do not see them."""

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
    names = known(source(facts).rules, "source.rules")
    if names:
        return failed(f"改写规则 {listed(names)}", f"rewrite rules: {listed(names)}")
    return passed("没有改写规则", "there are no rewrite rules")


CHECK = Precheck(
    id="rules",
    part=Part.CONTENT,
    title=Text("改写规则", "Rewrite rules"),
    severity=Severity.WARNING,
    remedy=Text(
        "以触发器代替，或核实被改写的表均在迁移之列",
        "replace them by triggers, or see that the tables they write to move too",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
)
