"""Both ends have workers to apply a stream: the target at first, the source on the way back.

A subscription needs one, and one of the server's background processes for it.
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

NEEDED = 2  # it applies, and its launcher starts a second for large transactions


def check(facts: Facts) -> Answer:
    few = []
    for end, database in (("source", source(facts)), ("target", target(facts))):
        most = known(database.logical_workers_max, f"{end}.logical_workers_max")
        used = known(database.logical_workers_used, f"{end}.logical_workers_used")
        all_most = known(database.workers_max, f"{end}.workers_max")
        all_used = known(database.workers_used, f"{end}.workers_used")
        if min(most - used, all_most - all_used) < NEEDED:
            few.append(f"{end} {used}/{most}, {all_used}/{all_most}")
    if few:
        return failed(
            f"工作进程不足 {NEEDED} 个：{listed(few)}", f"fewer than {NEEDED} free: {listed(few)}"
        )
    return passed(f"两端均有 {NEEDED} 个以上空闲", f"at least {NEEDED} are free at both ends")


CHECK = Precheck(
    id="workers",
    part=Part.REPLICATION,
    title=Text("复制工作进程有余量", "Replication workers are free"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "提高 max_logical_replication_workers 与 max_worker_processes 并重启",
        "raise max_logical_replication_workers and max_worker_processes, and restart",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
)
