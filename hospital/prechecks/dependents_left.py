"""Who calls the workload is where it will be, or pays a round trip for every call."""

from __future__ import annotations

from hospital.latency import CLASSES, round_trip
from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    milliseconds,
    passed,
    warned,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    active = known(facts.active, "active")
    left, worst = [], False
    for other in facts.estate.workloads:
        if facts.workload.name not in other.depends_on:
            continue
        site = known(active.get(other.name), f"active[{other.name}]")
        if site != facts.target_site:
            trip = round_trip(facts.estate, facts.target_site, site)
            seconds = known(trip, f"line {facts.target_site} - {site}").total_seconds()
            worst = worst or seconds > CLASSES[other.tier].added_seconds
            left.append(f"{other.name} {milliseconds(seconds)}")
    if not left:
        return passed("调用它的系统均在目标站点", "everything that calls it is at the target")
    zh, en = f"将跨站点调用：{listed(left)}", f"will call across the line: {listed(left)}"
    return failed(zh, en) if worst else warned(zh, en)


CHECK = Precheck(
    id="dependents_left",
    part=Part.NETWORK,
    title=Text("调用方不留在原站点", "Nothing that calls it is left behind"),
    severity=Severity.WARNING,
    remedy=Text("将调用方放在同一波次迁移", "move them in the same wave"),
    function=check,
)
