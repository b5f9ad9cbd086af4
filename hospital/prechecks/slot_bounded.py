"""What a slot may keep back is bounded at both ends: a forgotten one must not fill the disk."""

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
    size,
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    bounds = {
        "source": known(source(facts).slot_keep_bytes, "source.slot_keep_bytes"),
        "target": known(target(facts).slot_keep_bytes, "target.slot_keep_bytes"),
    }
    open_ends = [end for end, kept in bounds.items() if kept < 0]
    if open_ends:
        return failed(f"未设上限：{listed(open_ends)}", f"no bound is set: {listed(open_ends)}")
    shown = listed(f"{end} {size(kept)}" for end, kept in bounds.items())
    return passed(f"上限 {shown}", f"bounded: {shown}")


CHECK = Precheck(
    id="slot_bounded",
    part=Part.REPLICATION,
    title=Text("复制槽保留日志有上限", "What slots keep is bounded"),
    severity=Severity.WARNING,
    remedy=Text(
        "设置 max_slot_wal_keep_size（重载即生效）",
        "set max_slot_wal_keep_size; a reload is enough",
    ),
    function=check,
    database=True,
)
