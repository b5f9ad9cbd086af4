"""The target's disk holds the copy, what building its indexes needs, and the log of both.

1.5 times the source's size: sorting an index takes its size once more, and the copy writes log.
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
    passed,
    size,
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

FACTOR = 1.5  # practice


def check(facts: Facts) -> Answer:
    bytes_here = known(source(facts).size_bytes, "source.size_bytes")
    free = known(target(facts).free_disk_bytes, "target.free_disk_bytes")
    needed = bytes_here * FACTOR
    zh = f"需 {size(needed)}，可用 {size(free)}"
    en = f"{size(needed)} needed, {size(free)} free"
    return failed(zh, en) if needed > free else passed(zh, en)


CHECK = Precheck(
    id="target_disk",
    part=Part.ROOM,
    title=Text("目标磁盘足够", "The target's disk is large enough"),
    severity=Severity.BLOCKING,
    remedy=Text("扩容目标数据盘", "give the target a larger disk"),
    function=check,
    methods=LOGICAL,
    database=True,
)
