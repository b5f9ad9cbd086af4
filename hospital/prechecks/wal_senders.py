"""Both ends can send two streams more: the changes, and the slot with its snapshot."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    free_at_both_ends,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

NEEDED = 2


def check(facts: Facts) -> Answer:
    return free_at_both_ends(facts, "senders", needed=NEEDED, zh="发送进程")


CHECK = Precheck(
    id="wal_senders",
    part=Part.REPLICATION,
    title=Text("WAL 发送进程有余量", "WAL senders are free"),
    severity=Severity.BLOCKING,
    remedy=Text("提高 max_wal_senders 并重启", "raise max_wal_senders and restart"),
    function=check,
    database=True,
)
