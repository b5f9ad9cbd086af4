"""The target is another place: it does not burn together with the source.

A move within one failure domain is lawful and buys nothing against the loss of it.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    passed,
    warned,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    here, there = facts.here, facts.there
    if here.name == there.name:
        return failed(f"已在 {there.name} 运行", f"it already runs at {there.name}")
    if here.failure_domain == there.failure_domain:
        return warned(
            f"两站点同处故障域 {there.failure_domain}",
            f"both sites are in failure domain {there.failure_domain}",
        )
    return passed(
        f"由 {here.name} 迁往 {there.name}，故障域不同",
        f"from {here.name} to {there.name}, in another failure domain",
    )


CHECK = Precheck(
    id="target_differs",
    part=Part.DECLARATION,
    title=Text("目标站点与现址不同", "The target is another place"),
    severity=Severity.BLOCKING,
    remedy=Text("选择处于其他故障域的站点", "choose a site in another failure domain"),
    function=check,
    declared=True,
)
