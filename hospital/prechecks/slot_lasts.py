"""The bound on what slots keep is wide enough for the first copy: else the slot dies early.

A slot that lost its log cannot go on, and the copy begins anew.
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


def check(facts: Facts) -> Answer:
    here = source(facts)
    kept = known(here.slot_keep_bytes, "source.slot_keep_bytes")
    write = known(here.write_bytes_per_second, "source.write_bytes_per_second")
    bytes_here = known(here.size_bytes, "source.size_bytes")
    rate = known(facts.path, "path").bandwidth_bytes_per_second
    band = known(rate, "path.bandwidth_bytes_per_second")
    backlog = estimate(facts.method, bytes_here, Rates(band, write, band)).backlog_bytes
    bounds = [bound for bound in (kept, facts.bounds.retained_bytes) if bound > 0]
    zh, en = f"首次复制期间产生日志 {size(backlog)}", f"{size(backlog)} of log during the copy"
    if any(backlog > bound for bound in bounds):
        return failed(f"{zh}，上限 {size(min(bounds))}", f"{en}, the bound is {size(min(bounds))}")
    return passed(zh, en)


CHECK = Precheck(
    id="slot_lasts",
    part=Part.REPLICATION,
    title=Text("复制槽撑得到首次复制结束", "The slot outlives the first copy"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "提高 max_slot_wal_keep_size 与迁移的保留上限，或提高带宽",
        "raise max_slot_wal_keep_size and the migration's bound, or the bandwidth",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
)
