"""No table hides rows from the migration: a policy would leave out of the copy what it hides.

PostgreSQL refuses to apply rows to a table with policies unless the role may bypass them.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    LOGICAL,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
    source,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    names = known(source(facts).row_security, "source.row_security")
    if names:
        return failed(
            f"行级安全的表：{listed(names)}", f"tables with row security: {listed(names)}"
        )
    return passed("没有行级安全的表", "no table has row security")


CHECK = Precheck(
    id="row_security",
    part=Part.CONTENT,
    title=Text("没有行级安全", "No row security"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "为迁移角色授予 BYPASSRLS，经信息安全负责人批准",
        "grant BYPASSRLS to the migration's role; whoever answers for security approves",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
    blind=True,
)
