"""The target takes as many connections as the workload holds now, besides what is there."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    there = target(facts)
    needed = known(source(facts).connections_workload, "source.connections_workload")
    most = known(there.connections_max, "target.connections_max")
    used = known(there.connections_used, "target.connections_used")
    zh = f"需 {needed}，目标已用 {used}/{most}"
    en = f"{needed} needed, {used} of {most} used there"
    return failed(zh, en) if needed > most - used else passed(zh, en)


CHECK = Precheck(
    id="connections",
    part=Part.ROOM,
    title=Text("目标连接数足够", "The target takes enough connections"),
    severity=Severity.BLOCKING,
    remedy=Text("提高 max_connections，或使用连接池", "raise max_connections, or pool connections"),
    function=check,
    database=True,
)
