"""What faces the Internet keeps its data apart from the internal systems' identified data.

Why: a flaw in the page that patients see then ends at their appointments, not at all records.
Clause: GB/T 22239-2019 8.1.2.1 d (isolation between zones), 8.2.3.1 b. Advisory: accounts and
schemas inside one cluster may isolate as well, which a declaration does not show.
Fix: give it a database cluster of its own, and let it ask through the integration platform.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import users

RULE = Rule(
    id="internet_workload_shares_database",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 d"), Clause("GB/T 22239-2019", "8.2.3.1 b")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.WORKLOAD,),
    scope=Scope.ESTATE,
    title=Text(
        "面向互联网的业务不与内网业务共用数据库",
        "An Internet-facing workload has a database of its own",
    ),
    remedy=Text(
        "为该业务设置独立数据库，经集成平台访问内网数据",
        "give it a database of its own and let it ask through the integration platform",
    ),
)

IDENTIFIED = 4  # GB/T 39725-2020: from this level on, data name a person


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when internal workloads with identified data use the same cluster."""
    workload = resource.inputs["workload"]
    name, database = workload["name"], workload["database"]
    if workload["zone"] != "dmz" or not database:
        return
    inside = [it for it in users(facts, database) if it["zone"] != "dmz"]
    held = ", ".join(it["name"] for it in inside if it["dataLevel"] >= IDENTIFIED)
    if held:
        yield Text(
            f"{name} 与 {held} 共用数据库 {database}", f"{name} shares {database} with {held}"
        )
