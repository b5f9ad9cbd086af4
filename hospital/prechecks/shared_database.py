"""A physical move takes a whole cluster along: whoever shares it then asks across the line."""

from __future__ import annotations

from hospital.latency import round_trip
from hospital.prechecks.check import (
    PHYSICAL,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    milliseconds,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    active = known(facts.active, "active")
    left = []
    for other in facts.estate.workloads:
        if other.name == facts.workload.name or other.database != facts.workload.database:
            continue
        site = known(active.get(other.name), f"active[{other.name}]")
        if site != facts.target_site:
            trip = round_trip(facts.estate, facts.target_site, site)
            seconds = known(trip, f"line {facts.target_site} - {site}").total_seconds()
            left.append(f"{other.name} {milliseconds(seconds)}")
    if left:
        return failed(
            f"共用数据库者将跨站点访问：{listed(left)}",
            f"share the database and will ask across the line: {listed(left)}",
        )
    return passed(
        "没有其他系统跨站点共用数据库", "nobody else will ask the database across the line"
    )


CHECK = Precheck(
    id="shared_database",
    part=Part.NETWORK,
    title=Text("共用数据库者一并迁移", "Whoever shares the database moves too"),
    severity=Severity.WARNING,
    remedy=Text(
        "同一波次迁移这些系统，或为该系统改用逻辑方式",
        "move them in the same wave, or move this one logically",
    ),
    function=check,
    methods=PHYSICAL,
    database=True,
)
