"""No recovery is under way: one hand at a time decides who is primary."""

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
    actions = known(facts.recovery_actions, "recovery_actions")
    if actions:
        return failed(f"恢复进行中：{listed(actions)}", f"under way: {listed(actions)}")
    return passed("没有进行中的恢复", "no recovery is under way")


CHECK = Precheck(
    id="recovery_idle",
    part=Part.STATE,
    title=Text("没有进行中的恢复", "No recovery is under way"),
    severity=Severity.BLOCKING,
    remedy=Text("等待恢复结束", "wait until it has ended"),
    function=check,
    blind=True,
)
