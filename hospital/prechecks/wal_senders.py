"""Both ends can send two streams more: the changes, and the slot with its snapshot."""

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
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

NEEDED = 2


def check(facts: Facts) -> Answer:
    few = []
    for end, database in (("source", source(facts)), ("target", target(facts))):
        most = known(database.senders_max, f"{end}.senders_max")
        used = known(database.senders_used, f"{end}.senders_used")
        if most - used < NEEDED:
            few.append(f"{end} {used}/{most}")
    if few:
        return failed(
            f"发送进程不足 {NEEDED} 个：{listed(few)}", f"fewer than {NEEDED} free: {listed(few)}"
        )
    return passed(f"两端均有 {NEEDED} 个以上空闲", f"at least {NEEDED} are free at both ends")


CHECK = Precheck(
    id="wal_senders",
    part=Part.REPLICATION,
    title=Text("WAL 发送进程有余量", "WAL senders are free"),
    severity=Severity.BLOCKING,
    remedy=Text("提高 max_wal_senders 并重启", "raise max_wal_senders and restart"),
    function=check,
    database=True,
)
