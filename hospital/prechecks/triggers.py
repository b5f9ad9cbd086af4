"""No trigger fires for replicated rows: what it did at the source would be done twice.

Triggers marked ALWAYS or REPLICA fire while rows are applied: a charge booked twice.
"""

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
    triggers = known(source(facts).triggers, "source.triggers")
    twice = [
        f"{each.table}.{each.name}" for each in triggers if each.fires in {"always", "replica"}
    ]
    if twice:
        return failed(f"将触发两次：{listed(twice)}", f"would fire twice: {listed(twice)}")
    return passed(
        f"{len(triggers)} 个触发器均不会重复触发", f"none of {len(triggers)} triggers fires twice"
    )


CHECK = Precheck(
    id="triggers",
    part=Part.CONTENT,
    title=Text("触发器不重复触发", "No trigger fires twice"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "在目标 ALTER TABLE … ENABLE TRIGGER（改为 origin）",
        "ALTER TABLE ... ENABLE TRIGGER (back to origin), at least at the target",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
    blind=True,
)
