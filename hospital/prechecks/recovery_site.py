"""After the move there is still another place to recover at: a standby outside the target's domain.

A workload that moves to its only standby has none left.
"""

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
    domain = facts.there.failure_domain
    sites = (facts.estate.site(name) for name in dict.fromkeys(facts.workload.sites))
    left = [site.name for site in sites if site.failure_domain != domain]
    if left:
        return passed(f"迁移后仍可恢复到 {listed(left)}", f"it can still recover at {listed(left)}")
    return failed("迁移后没有其他恢复站点", "no other site to recover at is left")


CHECK = Precheck(
    id="recovery_site",
    part=Part.DUTIES,
    title=Text("迁移后仍有恢复站点", "A place to recover at is left"),
    severity=Severity.WARNING,
    remedy=Text(
        "在 standbys 中为其声明其他故障域的站点",
        "declare a standby in another failure domain",
    ),
    function=check,
    declared=True,
)
