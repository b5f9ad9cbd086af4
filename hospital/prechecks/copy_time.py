"""The first copy ends within a day: longer ones meet nightly jobs and changes of schema."""

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

LONGEST_SECONDS = 24 * 3600.0  # practice


def check(facts: Facts) -> Answer:
    here = source(facts)
    tables = known(here.tables, "source.tables")
    bytes_here = sum(table.size_bytes for table in tables)
    write = known(here.write_bytes_per_second, "source.write_bytes_per_second")
    rate = known(facts.path, "path").bandwidth_bytes_per_second
    band = known(rate, "path.bandwidth_bytes_per_second")
    indexes = sum(table.index_bytes for table in tables)
    found = estimate(facts.method, bytes_here, Rates(band, write, band), index_bytes=indexes)
    hours = (found.copy_seconds + found.index_seconds) / 3600
    zh = f"{size(bytes_here)}，预计 {hours:.2g} 小时"
    en = f"{size(bytes_here)}, about {hours:.2g} h"
    return failed(zh, en) if hours * 3600 > LONGEST_SECONDS else passed(zh, en)


CHECK = Precheck(
    id="copy_time",
    part=Part.NETWORK,
    title=Text("首次复制一天内完成", "The first copy ends within a day"),
    severity=Severity.WARNING,
    remedy=Text(
        "提高带宽，先归档历史数据，或避开夜间任务",
        "raise the bandwidth, archive old data first, or keep clear of nightly jobs",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
)
