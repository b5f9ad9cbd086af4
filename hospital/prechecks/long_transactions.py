"""No transaction has been open for long: the copy cannot begin before it ends.

Five minutes is practice: a form that was left open at lunch, not a report that runs.
"""

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

LONGEST_SECONDS = 300.0


def check(facts: Facts) -> Answer:
    here = source(facts)
    longest = known(here.longest_transaction_seconds, "source.longest_transaction_seconds")
    if longest > LONGEST_SECONDS:
        return failed(
            f"最长事务已开启 {longest:.0f} 秒", f"a transaction is open for {longest:.0f} s"
        )
    return passed(f"最长事务 {longest:.0f} 秒", f"the longest transaction is {longest:.0f} s old")


CHECK = Precheck(
    id="long_transactions",
    part=Part.STATE,
    title=Text("没有长事务", "No transaction is open for long"),
    severity=Severity.WARNING,
    remedy=Text(
        "在 pg_stat_activity 中查明来源，等待或结束它",
        "find it in pg_stat_activity; wait for it or end it",
    ),
    function=check,
    database=True,
)
