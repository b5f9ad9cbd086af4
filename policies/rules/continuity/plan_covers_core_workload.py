"""Every workload of tier A or B that could move is named by a recovery plan.

Why: operators move what a plan names and nothing else; a standby that no plan knows stays dark
while the home burns.
Clause: GB/T 20988-2025 8.1 (plans are made and kept); GB/T 22239-2019 8.1.10.13.
Fix: name the workload in the plan of its home.
Waiver: the head of the department that owns the workload, who then recovers it by hand.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import plans, sites

RULE = Rule(
    id="plan_covers_core_workload",
    clauses=(Clause("GB/T 20988-2025", "8.1"), Clause("GB/T 22239-2019", "8.1.10.13")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.WORKLOAD,),
    scope=Scope.ESTATE,
    title=Text("A、B 类业务已纳入恢复预案", "A plan covers every tier A and B workload"),
    remedy=Text(
        "将该业务写入其主站点的恢复预案 workloads",
        "name the workload in `workloads` of the plan of its home",
    ),
    waived_by=Text("业务主管部门负责人", "the head of the department that owns the workload"),
)

CORE = ("A", "B")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when no plan names it; one that has no standby is `second_site`'s matter."""
    workload = resource.inputs["workload"]
    name, tier, home = workload["name"], workload["tier"], workload["home"]
    if tier not in CORE or not workload["standbys"]:
        return
    # Sites and plans are declared together: where the home is not known, plans are not either.
    if sites(facts).get(home) is None:
        return
    if not any(name in plan["workloads"] for plan in plans(facts).values()):
        yield Text(
            f"{tier} 类业务 {name} 未纳入任何恢复预案",
            f"{name}, tier {tier}, is in no recovery plan",
        )
