"""Both ends of a physical move were built with the same block and log segment sizes."""

from __future__ import annotations

from hospital.prechecks.check import (
    PHYSICAL,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
    size,
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    here, there = source(facts), target(facts)
    ours = (
        known(here.block_bytes, "source.block_bytes"),
        known(here.wal_segment_bytes, "source.wal_segment_bytes"),
    )
    theirs = (
        known(there.block_bytes, "target.block_bytes"),
        known(there.wal_segment_bytes, "target.wal_segment_bytes"),
    )
    sizes = [f"{size(block)} / {size(segment)}" for block, segment in (ours, theirs)]
    if ours != theirs:
        return failed(
            f"块/日志段 {sizes[0]}，目标为 {sizes[1]}",
            f"blocks / log segments are {sizes[0]} here, {sizes[1]} there",
        )
    return passed(f"块/日志段 {sizes[0]}", f"blocks / log segments are {sizes[0]}")


CHECK = Precheck(
    id="database_layout",
    part=Part.DATABASE,
    title=Text("块与日志段大小相同", "Blocks and log segments have one size"),
    severity=Severity.BLOCKING,
    remedy=Text("以相同参数重建目标，或用逻辑方式", "build the target alike, or move logically"),
    function=check,
    methods=PHYSICAL,
    database=True,
)
