"""The target has the network zone that the workload belongs to."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    listed,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    zone, zones = facts.workload.zone, facts.there.zones
    if zone in zones:
        return passed(f"目标站点有网络区域 {zone}", f"the target has zone {zone}")
    return failed(
        f"目标站点没有网络区域 {zone}，只有 {listed(zones)}",
        f"the target has no zone {zone}, only {listed(zones)}",
    )


CHECK = Precheck(
    id="network_zone",
    part=Part.DECLARATION,
    title=Text("目标站点具备网络区域", "The target has the network zone"),
    severity=Severity.BLOCKING,
    remedy=Text("在目标站点建设该区域并声明 zones", "build the zone there and declare it in zones"),
    function=check,
    declared=True,
)
