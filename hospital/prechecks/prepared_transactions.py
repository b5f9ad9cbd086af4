"""No transaction is prepared and left open: a slot's snapshot waits for it for ever."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
    source,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    count = known(source(facts).prepared_transactions, "source.prepared_transactions")
    if count:
        return failed(f"{count} 个预备事务", f"{count} prepared transactions")
    return passed("没有预备事务", "no transaction is prepared")


CHECK = Precheck(
    id="prepared_transactions",
    part=Part.STATE,
    title=Text("没有预备事务", "No transaction is prepared"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "在 pg_prepared_xacts 中查明所属，COMMIT 或 ROLLBACK PREPARED",
        "find whose they are in pg_prepared_xacts; COMMIT or ROLLBACK PREPARED",
    ),
    function=check,
    database=True,
    blind=True,
)
