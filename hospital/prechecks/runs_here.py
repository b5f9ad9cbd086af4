"""The workload runs where the move begins: a hospital that failed over is not at home."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    site = known(known(facts.active, "active").get(facts.workload.name), "active of the workload")
    if site != facts.source_site:
        return failed(f"现运行于 {site}", f"it runs at {site} now")
    return passed(f"运行于 {site}", f"it runs at {site}")


CHECK = Precheck(
    id="runs_here",
    part=Part.STATE,
    title=Text("系统运行于迁出站点", "It runs where the move begins"),
    severity=Severity.BLOCKING,
    remedy=Text("先切回，或从现址开始迁移", "fail back first, or begin the move from there"),
    function=check,
    blind=True,
)
