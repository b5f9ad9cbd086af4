"""There are no large objects: logical replication does not carry them."""

from __future__ import annotations

from hospital.prechecks.check import (
    LOGICAL,
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
    count = known(source(facts).large_objects, "source.large_objects")
    if count:
        return failed(f"{count} 个大对象不会被复制", f"{count} large objects would not be carried")
    return passed("没有大对象", "there are no large objects")


CHECK = Precheck(
    id="large_objects",
    part=Part.CONTENT,
    title=Text("没有大对象", "No large objects"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "改存为 bytea 列或对象存储，vacuumlo 清理后 lo_unlink",
        "move them into bytea columns or object storage; remove orphans with vacuumlo",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
    blind=True,
)
