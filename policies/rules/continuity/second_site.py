"""A workload of tier A or B has a standby in another failure domain.

Why: a site burns as a whole; a life-critical system with one site has no recovery at any speed.
Clause: GB/T 20988-2025 level 5 (complete standby at another place); GB/T 22239-2019 8.1.4.9 c.
Fix: name a standby whose failure domain is not the home's.
Waiver: the hospital's president in writing, for one workload.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import sites

RULE = Rule(
    id="second_site",
    clauses=(Clause("GB/T 20988-2025", "第5级"), Clause("GB/T 22239-2019", "8.1.4.9 c")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.WORKLOAD,),
    scope=Scope.ESTATE,
    title=Text("A、B 类业务有异地备用站点", "Tier A and B workloads have a second site"),
    remedy=Text(
        "在 standbys 中增加位于其他故障域的站点",
        "add a site of another failure domain to `standbys`",
    ),
    waived_by=Text("院长书面批准", "the hospital's president, in writing"),
)

TIERS = ("A", "B")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when no standby would survive the home."""
    workload = resource.inputs["workload"]
    if workload["tier"] not in TIERS:
        return
    name, tier, home = workload["name"], workload["tier"], workload["home"]
    own = _domain(facts, home)
    if not any(_domain(facts, standby) not in ("", own) for standby in workload["standbys"]):
        yield Text(
            f"{tier} 类业务 {name} 仅在 {home}（故障域 {own}），没有可存活的备用站点",
            f"{name}, tier {tier}, is only at {home} ({own}): no standby would survive it",
        )


def _domain(facts: Facts, name: str) -> str:
    site = sites(facts).get(name)
    return str(site["failureDomain"]) if site else ""  # an unknown site is no standby
