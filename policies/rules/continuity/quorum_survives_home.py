"""An automatic plan can still be decided when its home is lost.

Why: a failover begins only with a majority of the hub's members; if the home's failure domain
holds half of them or more, its loss silences exactly those who should act.
Clause: GB/T 20988-2025 levels 5 and 6 (the switch works although the production centre is gone).
Fix: spread the sites over three failure domains, or let a person decide (`mode: confirm`).
Waiver: nobody; arithmetic does not yield to a signature.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import sites

RULE = Rule(
    id="quorum_survives_home",
    clauses=(Clause("GB/T 20988-2025", "第5级"), Clause("GB/T 20988-2025", "第6级")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.PLAN,),
    scope=Scope.ESTATE,
    title=Text("主站点失效后仍可自动裁决", "The hub keeps its majority without the home"),
    remedy=Text(
        "站点分布到至少三个故障域，或将预案改为 mode: confirm",
        "spread the sites over three failure domains, or set mode: confirm",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the members that are left are no majority."""
    plan = resource.inputs["plan"]
    home = sites(facts).get(plan["home"])
    if plan["mode"] != "automatic" or home is None:
        return
    members = [site for site in sites(facts).values() if site["endpoints"]["etcd"]]
    left = [site for site in members if site["failureDomain"] != home["failureDomain"]]
    if 2 * len(left) <= len(members):
        lost, count = home["failureDomain"], f"{len(left)}/{len(members)}"
        yield Text(
            f"失去故障域 {lost} 后仅余 {count} 个仲裁成员，不足多数",
            f"without {lost} only {count} members of the hub are left, no majority",
        )
