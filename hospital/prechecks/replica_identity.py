"""Every table has an identity by which a changed row is found at the target.

Without one, PostgreSQL refuses UPDATE and DELETE at the source as soon as the table is published:
the migration would stop the hospital before it began.
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
    names = known(source(facts).tables_without_identity, "source.tables_without_identity")
    if names:
        return failed(
            f"{len(names)} 个表没有标识：{listed(names)}",
            f"{len(names)} tables without identity: {listed(names)}",
        )
    return passed("所有表均有标识", "every table has an identity")


CHECK = Precheck(
    id="replica_identity",
    part=Part.CONTENT,
    title=Text("表具备复制标识", "Tables have a replica identity"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "添加主键，或 ALTER TABLE … REPLICA IDENTITY USING INDEX / FULL",
        "add a primary key, or ALTER TABLE ... REPLICA IDENTITY USING INDEX / FULL",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
    blind=True,
)
