"""Both ends have replication slots to spare: one for the stream, one for the rehearsal's copy."""

from __future__ import annotations

from hospital.prechecks.check import (
    LOGICAL,
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
    return free_at_both_ends(facts, "slots", needed=NEEDED, zh="复制槽")


CHECK = Precheck(
    id="slots",
    part=Part.REPLICATION,
    title=Text("复制槽有余量", "Replication slots are free"),
    severity=Severity.BLOCKING,
    remedy=Text("提高 max_replication_slots 并重启", "raise max_replication_slots and restart"),
    function=check,
    methods=LOGICAL,
    database=True,
)
