"""Both ends can remember one more origin: without it a stream cannot tell its own rows from ours.

The way back is told from the way there by its origin; else a row would circle for ever.
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
    listed,
    passed,
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    few = []
    for end, database in (("source", source(facts)), ("target", target(facts))):
        most = known(database.origins_max, f"{end}.origins_max")
        used = known(database.logical_workers_used, f"{end}.logical_workers_used")
        if most - used < 1:
            few.append(f"{end} {used}/{most}")
    if few:
        return failed(f"复制源不足：{listed(few)}", f"no origin is free: {listed(few)}")
    return passed("两端均有空闲复制源", "an origin is free at both ends")


CHECK = Precheck(
    id="replication_origins",
    part=Part.REPLICATION,
    title=Text("复制源有余量", "A replication origin is free"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "提高 max_active_replication_origins（18 之前为 max_replication_slots）并重启",
        "raise max_active_replication_origins (max_replication_slots before 18) and restart",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
)
