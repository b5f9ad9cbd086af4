"""The source's disk holds the log that the stream keeps back until the target has caught up.

A full log disk stops the hospital's database: the one thing that a migration must never do.
"""

from __future__ import annotations

from hospital.estimate import Rates, estimate
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
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

SPARE = 2.0  # how much more must be free than is expected; practice


def check(facts: Facts) -> Answer:
    here = source(facts)
    free = known(here.free_wal_bytes, "source.free_wal_bytes")
    write = known(here.write_bytes_per_second, "source.write_bytes_per_second")
    bytes_here = known(here.size_bytes, "source.size_bytes")
    rate = known(facts.path, "path").bandwidth_bytes_per_second
    band = known(rate, "path.bandwidth_bytes_per_second")
    backlog = estimate(facts.method, bytes_here, Rates(band, write, band)).backlog_bytes
    kept = min(backlog, facts.bounds.retained_bytes) if facts.bounds.retained_bytes else backlog
    zh = f"预计保留日志 {size(kept)}，可用 {size(free)}"
    en = f"{size(kept)} of log expected to be kept, {size(free)} free"
    return failed(zh, en) if kept * SPARE > free else passed(zh, en)


CHECK = Precheck(
    id="source_wal_disk",
    part=Part.ROOM,
    title=Text("源端日志磁盘足够", "The source's log disk is large enough"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "扩容日志盘、提高带宽，或在业务低谷迁移",
        "enlarge the log disk, raise the bandwidth, or copy when little is written",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
)
