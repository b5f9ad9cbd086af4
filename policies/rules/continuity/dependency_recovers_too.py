"""What a planned workload depends on comes back as well.

Why: a workload answers only after those that it depends on; if one of them is lost with the same
home and no plan names it, the recovery ends with everything up and nothing working.
Clause: GB/T 20988-2025 8.1 (a plan covers what the service needs), 6.1 (dependencies are analysed).
Fix: name the dependency in a plan of that home.
Waiver: nobody; a core dependency is said by `plan_covers_core_workload` or `second_site`.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import plans, workloads

RULE = Rule(
    id="dependency_recovers_too",
    clauses=(Clause("GB/T 20988-2025", "8.1"), Clause("GB/T 20988-2025", "6.1")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.PLAN,),
    scope=Scope.ESTATE,
    title=Text("被依赖的业务一并恢复", "What a planned workload needs recovers too"),
    remedy=Text(
        "将被依赖的业务写入同一主站点的恢复预案",
        "name the dependency in a plan of the same home",
    ),
)

CORE = ("A", "B")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per dependency that is lost with the home and in no plan."""
    plan, known = resource.inputs["plan"], workloads(facts)
    planned = {name for each in plans(facts).values() for name in each["workloads"]}
    for name in plan["workloads"]:
        for needed in known[name]["dependsOn"] if name in known else ():
            lost = needed in known and known[needed]["home"] == plan["home"]
            if lost and needed not in planned and known[needed]["tier"] not in CORE:
                yield Text(
                    f"{name} 依赖 {needed}，后者同在 {plan['home']} 却不在任何预案中",
                    f"{name} depends on {needed}, lost with {plan['home']} and in no plan",
                )
