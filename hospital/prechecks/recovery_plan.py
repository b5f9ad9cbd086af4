"""A recovery plan covers the workload where it will be: the target is one of the plan's sites."""

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
    name, site = facts.workload.name, facts.target_site
    plans = [plan for plan in facts.estate.plans if name in plan.workloads]
    if not plans:
        return failed("没有恢复预案包含该系统", "no recovery plan names the workload")
    if any(site in (plan.home, *plan.standbys) for plan in plans):
        return passed(
            f"恢复预案 {listed(plan.name for plan in plans)} 包含 {site}",
            f"plan {listed(plan.name for plan in plans)} includes {site}",
        )
    return failed(
        f"恢复预案 {listed(plan.name for plan in plans)} 不包含 {site}",
        f"plan {listed(plan.name for plan in plans)} does not include {site}",
    )


CHECK = Precheck(
    id="recovery_plan",
    part=Part.DUTIES,
    title=Text("恢复预案涵盖目标站点", "A recovery plan covers the target"),
    severity=Severity.WARNING,
    remedy=Text(
        "在 plans 中声明包含目标站点的预案，定稿前完成",
        "declare a plan that includes the target before the move is finalized",
    ),
    function=check,
    declared=True,
)
