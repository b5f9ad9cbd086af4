"""The line carries changes faster than they are written: else the target never catches up."""

from __future__ import annotations

from hospital.estimate import HEADROOM, converges
from hospital.prechecks.check import (
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


def check(facts: Facts) -> Answer:
    write = known(source(facts).write_bytes_per_second, "source.write_bytes_per_second")
    rate = known(facts.path, "path").bandwidth_bytes_per_second
    band = known(rate, "path.bandwidth_bytes_per_second")
    if not converges(write, band):
        needed = size(write * HEADROOM)
        return failed(
            f"永不追平：写入 {size(write)}/s，线路 {size(band)}/s，需要 {needed}/s",
            f"never converges: {size(write)}/s written, {size(band)}/s carried, {needed}/s needed",
        )
    return passed(
        f"写入 {size(write)}/s，线路 {size(band)}/s",
        f"{size(write)}/s written, {size(band)}/s carried",
    )


CHECK = Precheck(
    id="sync_converges",
    part=Part.NETWORK,
    title=Text("同步能够追平", "The stream catches up"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "提高线路带宽，或在写入低谷迁移", "raise the bandwidth, or move when little is written"
    ),
    function=check,
    database=True,
)
