"""Both ends have replication slots to spare: one for the stream, one for the rehearsal's copy."""

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

NEEDED = 2


def check(facts: Facts) -> Answer:
    few = []
    for end, database in (("source", source(facts)), ("target", target(facts))):
        most = known(database.slots_max, f"{end}.slots_max")
        used = known(database.slots_used, f"{end}.slots_used")
        if most - used < NEEDED:
            few.append(f"{end} {used}/{most}")
    if few:
        return failed(
            f"复制槽不足 {NEEDED} 个：{listed(few)}", f"fewer than {NEEDED} free: {listed(few)}"
        )
    return passed(f"两端均有 {NEEDED} 个以上空闲", f"at least {NEEDED} are free at both ends")


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
