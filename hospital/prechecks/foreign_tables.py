"""Foreign tables hold no rows here: the target must reach their servers itself."""

from __future__ import annotations

from hospital.prechecks.check import (
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
    tables = known(source(facts).foreign_tables, "source.foreign_tables")
    if tables:
        servers = sorted({f"{each.server} ({each.wrapper})" for each in tables})
        return failed(
            f"{len(tables)} 个外部表，服务器 {listed(servers)}",
            f"{len(tables)} foreign tables, at {listed(servers)}",
        )
    return passed("没有外部表", "there are no foreign tables")


CHECK = Precheck(
    id="foreign_tables",
    part=Part.CONTENT,
    title=Text("外部表", "Foreign tables"),
    severity=Severity.WARNING,
    remedy=Text(
        "从目标开通到这些服务器的网络，重建用户映射",
        "open the way from the target to those servers; make the user mappings anew",
    ),
    function=check,
    database=True,
)
