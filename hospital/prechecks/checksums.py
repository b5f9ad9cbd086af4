"""The target verifies pages when the source does: rotten pages must not pass unseen."""

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
    target,
    warned,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    here = known(source(facts).checksums, "source.checksums")
    there = known(target(facts).checksums, "target.checksums")
    if here and not there:
        return failed("目标未启用数据校验和", "the target has no data checksums")
    if not there:
        return warned("两端均未启用数据校验和", "neither end has data checksums")
    return passed("目标启用数据校验和", "the target has data checksums")


CHECK = Precheck(
    id="checksums",
    part=Part.DATABASE,
    title=Text("数据校验和", "Data checksums"),
    severity=Severity.WARNING,
    remedy=Text("停库执行 pg_checksums --enable", "stop the target and run pg_checksums --enable"),
    function=check,
    database=True,
)
