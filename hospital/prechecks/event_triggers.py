"""Event triggers fire on the definitions that the move makes at the target."""

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
    names = known(source(facts).event_triggers, "source.event_triggers")
    if names:
        return failed(f"事件触发器 {listed(names)}", f"event triggers: {listed(names)}")
    return passed("没有事件触发器", "there are no event triggers")


CHECK = Precheck(
    id="event_triggers",
    part=Part.CONTENT,
    title=Text("事件触发器", "Event triggers"),
    severity=Severity.WARNING,
    remedy=Text(
        "迁移期间在目标停用，切换后启用", "disable them at the target until after the cutover"
    ),
    function=check,
    methods=LOGICAL,
    database=True,
)
