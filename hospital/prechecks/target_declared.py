"""A logical move has a database declared for it at the target.

Role, database, Secret and port at the target come from the declaration; without it nothing there
would know the workload.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    LOGICAL,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    if facts.target_database:
        name = facts.target_database
        return passed(f"目标数据库集群 {name}", f"the target's database cluster is {name}")
    return failed("未声明目标数据库", "no database is declared for the move")


CHECK = Precheck(
    id="target_declared",
    part=Part.DECLARATION,
    title=Text("已声明目标数据库", "A database is declared for the move"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "在资产文件的 migrations 中声明 workload、to、database 并执行 pulumi up",
        "declare workload, to and database under migrations in the estate file; pulumi up",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
    declared=True,
)
