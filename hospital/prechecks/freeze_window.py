"""The planned cutover, its pause included, is outside clinic hours and other freeze windows."""

from __future__ import annotations

from datetime import timedelta

from hospital.freeze import frozen_during, thaw
from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
    skipped,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    if facts.cutover_at is None:
        return skipped("尚未计划切换时间", "no time is planned yet")
    freezes = known(facts.freezes, "freezes")
    length = timedelta(seconds=facts.bounds.pause_seconds)
    window = frozen_during(freezes, facts.cutover_at, length)
    moment = facts.cutover_at.isoformat(" ", "minutes")
    if window is None:
        return passed(f"{moment} 不在冻结期", f"{moment} is in no freeze window")
    free = thaw(freezes, facts.cutover_at, length)
    after = free.isoformat(" ", "minutes") if free else "-"
    return failed(
        f"{moment} 处于冻结期 {window.name}，最早 {after}",
        f"{moment} is in {window.name}; the earliest is {after}",
    )


CHECK = Precheck(
    id="freeze_window",
    part=Part.STATE,
    title=Text("切换不在冻结期", "The cutover is outside freeze windows"),
    severity=Severity.WARNING,
    remedy=Text(
        "改到窗口之外；必须时以 --force 与理由切换",
        "plan it outside; if it must be, order the cutover with --force and a reason",
    ),
    function=check,
)
