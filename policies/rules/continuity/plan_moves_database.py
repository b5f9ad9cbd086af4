"""The plan of a home moves the database that its workloads write to.

Why: workloads that come back before anybody leads their database answer every order with an error;
a plan that does not name it neither moves the primary nor waits for it.
Clause: GB/T 20988-2025 8.1 and 8.3 (taking over includes the data).
Fix: name the database in the plan (`database:`).
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import databases, holders, plans, workloads

RULE = Rule(
    id="plan_moves_database",
    clauses=(Clause("GB/T 20988-2025", "8.1"), Clause("GB/T 20988-2025", "8.3")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.PLAN,),
    scope=Scope.ESTATE,
    title=Text("预案切换业务所用数据库", "A plan moves the database its workloads use"),
    remedy=Text("在预案中填写 database", "name the database in the plan: `database`"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database that is lost with the home, could move, and is in no plan."""
    plan, known = resource.inputs["plan"], workloads(facts)
    moved = {each["database"] for each in plans(facts).values()}
    used = {known[name]["database"]: None for name in plan["workloads"] if name in known}
    for name in used:
        database = databases(facts).get(name)
        if database is None or name in moved:
            continue
        places = [site["name"] for site in holders(facts, database)]
        if len(places) > 1 and places[0] == plan["home"]:
            yield Text(
                f"主库 {name} 位于 {places[0]}，没有预案切换它",
                f"the primary of {name} is at {places[0]} and no plan moves it",
            )
