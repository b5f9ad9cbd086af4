"""A plan that relies on synchronous replication has it.

Why: who reads `synchronous` in a plan expects that nothing is lost, and decides by it in the night;
over an asynchronous database the last orders are gone.
Clause: GB/T 20988-2025 8.1 (a plan describes what is there), level 6 (no loss).
Fix: say `asynchronous` and an RPO in the plan, or replicate the database synchronously.
Waiver: nobody. A workload that itself declares RPO 0 is said by `replication_matches_rpo`.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import databases, workloads

RULE = Rule(
    id="plan_replication_is_real",
    clauses=(Clause("GB/T 20988-2025", "8.1"), Clause("GB/T 20988-2025", "第6级")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.PLAN,),
    scope=Scope.ESTATE,
    title=Text("预案所依赖的复制方式属实", "The replication a plan relies on is real"),
    remedy=Text(
        "预案如实填写 replication 与 rpo，或将数据库改为同步复制",
        "say the plan's replication and rpo as they are, or replicate synchronously",
    ),
)

NOTHING = "0s"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per workload whose database is asynchronous under a synchronous plan."""
    plan, known = resource.inputs["plan"], workloads(facts)
    if plan["replication"] != "synchronous" or plan["database"]:
        return  # a declaration that names another database than its own is refused earlier
    for name in plan["workloads"]:
        database = databases(facts).get(known[name]["database"]) if name in known else None
        if database and database["replication"] != "synchronous" and known[name]["rpo"] != NOTHING:
            yield Text(
                f"{name} 所用数据库 {database['name']} 为异步复制",
                f"{name} keeps its data in {database['name']}, which is asynchronous",
            )
