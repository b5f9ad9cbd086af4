"""A workload that may lose nothing lives in a database that replicates synchronously.

Why: asynchronous replication loses what was acknowledged last; an RPO of zero over it is a wish.
Clause: GB/T 20988-2025 level 6 (no loss); GB/T 22239-2019 8.1.4.9 b.
Fix: replicate synchronously to another site, or declare the RPO that the hospital can bear.
Waiver: the department that owns the workload, by name.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import databases

RULE = Rule(
    id="replication_matches_rpo",
    clauses=(Clause("GB/T 20988-2025", "第6级"), Clause("GB/T 22239-2019", "8.1.4.9 b")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.WORKLOAD,),
    scope=Scope.ESTATE,
    title=Text("复制方式与 RPO 相符", "Replication matches the declared RPO"),
    remedy=Text(
        "数据库改为 replication: synchronous 并跨站点部署，或如实填写 RPO",
        "replicate synchronously to another site, or declare the RPO that can be borne",
    ),
    waived_by=Text("业务主管部门负责人", "the head of the department that owns the workload"),
)

NOTHING = "0s"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when RPO 0 is declared over a database that cannot keep it."""
    workload = resource.inputs["workload"]
    database = databases(facts).get(workload["database"]) if workload["database"] else None
    if database is None or workload["rpo"] != NOTHING:
        return
    name = database["name"]
    if database["replication"] != "synchronous":
        yield Text(f"RPO 为 0，但数据库 {name} 为异步复制", f"RPO 0 over asynchronous {name}")
    elif len(database["members"]) < 2:
        yield Text(f"RPO 为 0，但数据库 {name} 没有副本", f"RPO 0, but {name} has no replica")
