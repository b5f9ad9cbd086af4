"""A site carries no system of a higher level than its platform was assessed for.

Why: a system can be no better protected than the clusters, hosts and networks under it; a standby
is the home on the day of the fire.
Clause: GB/T 22239-2019 8.2.2.1 a. The level is the declaration's word; that the papers exist is a
record (8.1.9.1, 8.1.9.9).
Fix: have the site assessed and say so (`sites[].assessed`), or name another site.
Waiver: the security administrator, while an assessment goes on.
"""

from collections.abc import Iterator
from datetime import date

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="platform_graded_for_its_systems",
    clauses=(Clause("GB/T 22239-2019", "8.2.2.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.WORKLOAD,),
    title=Text("平台等级不低于业务等级", "The platform is graded as high as its systems"),
    remedy=Text(
        "对站点平台完成定级测评并声明 sites[].assessed，或更换站点",
        "have the site assessed and declare sites[].assessed, or choose another site",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the site's level is unknown, too low, or lapsed."""
    workload, site = resource.inputs["workload"], resource.inputs["site"]
    name, needed, where = workload["name"], workload["mlpsLevel"], site["name"]
    assessed = site.get("assessed")
    if not assessed:
        zh, en = f"站点 {where} 未声明测评等级", f"{where} says no level that it was assessed for"
        yield Text(f"{zh}，{name} 为 {needed} 级", f"{en}; {name} has {needed}")
        return
    level, until = assessed["mlpsLevel"], assessed.get("until")
    if level < needed:
        zh, en = f"站点 {where} 为 {level} 级", f"{where} is of level {level}"
        yield Text(f"{zh}，{name} 为 {needed} 级", f"{en}, {name} of level {needed}")
    if until and date.fromisoformat(until) < facts.today:
        zh, en = f"站点 {where} 的测评已于 {until} 到期", f"{where}: assessment lapsed on {until}"
        yield Text(zh, en)
