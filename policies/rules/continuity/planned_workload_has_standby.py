"""What a recovery plan names stands at a second site too.

Why: a plan brings back what is already there; for a workload that stands only at the lost home it
is a promise without a place.
Clause: GB/T 20988-2025, standby processing system (seven resource elements), and 8.1.
Fix: give the workload a standby that the plan names, or take it out of the plan.
Waiver: nobody; tier A and B are `second_site`'s matter, this rule speaks of C and D.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import workloads

RULE = Rule(
    id="planned_workload_has_standby",
    clauses=(Clause("GB/T 20988-2025", "备用数据处理系统"), Clause("GB/T 20988-2025", "8.1")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.PLAN,),
    scope=Scope.ESTATE,
    title=Text("预案内的业务有备用站点", "A planned workload has a standby"),
    remedy=Text(
        "为该业务填写 standbys，或将其移出预案",
        "give the workload a standby, or take it out of the plan",
    ),
)

CORE = ("A", "B")  # said by `second_site`


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per workload that the plan could bring back nowhere."""
    known = workloads(facts)
    for name in resource.inputs["plan"]["workloads"]:
        workload = known.get(name)
        if workload and workload["tier"] not in CORE and not workload["standbys"]:
            home = workload["home"]
            yield Text(f"{name} 仅部署在 {home}，预案无处恢复", f"{name} stands only at {home}")
