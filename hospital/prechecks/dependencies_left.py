"""What the workload calls is where it will be: a call left behind crosses the wide-area network."""

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
    left, total = [], 0.0
    for name in facts.workload.depends_on:
        site = known(active.get(name), f"active[{name}]")
        if site != facts.target_site:
            trip = round_trip(facts.estate, facts.target_site, site)
            seconds = known(trip, f"line {facts.target_site} - {site}").total_seconds()
            total += seconds
            left.append(f"{name} {milliseconds(seconds)}")
    if not left:
        return passed("所依赖的系统均在目标站点", "everything that it calls is at the target")
    bound = CLASSES[facts.workload.tier].added_seconds
    zh, en = f"跨站点调用：{listed(left)}", f"calls across the line: {listed(left)}"
    if total > bound:
        limit = milliseconds(bound)
        return failed(f"{zh}，合计超过 {limit}", f"{en}; together above {limit}")
    return warned(zh, en)


CHECK = Precheck(
    id="dependencies_left",
    part=Part.NETWORK,
    title=Text("依赖系统不留在原站点", "Nothing that it calls is left behind"),
    severity=Severity.WARNING,
    remedy=Text(
        "将这些系统放在更早或同一波次迁移", "move them too, in the same wave or an earlier one"
    ),
    function=check,
)
