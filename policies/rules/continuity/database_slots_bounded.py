"""A standby that is away cannot fill the primary's disk.

Why: a slot keeps every segment for a standby that may never return; when the disk is full, the
primary stops, and with it the hospital.
Clause: GB/T 22239-2019 8.1.4.9 c (important systems stay available).
Fix: `max_slot_wal_keep_size`, as much as the disk can spare.
Waiver: not needed: advisory, because a standby that is cut off by the limit must be built again.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_slots_bounded",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.9 c"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.DATABASE,),
    title=Text("复制槽占用有上限", "Replication slots are bounded"),
    remedy=Text(
        "按磁盘余量设置 max_slot_wal_keep_size",
        "set max_slot_wal_keep_size to what the disk can spare",
    ),
)

UNBOUNDED = "-1"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if there are slots and no limit; it says how much they keep now."""
    seen = resource.inputs["facts"]
    if seen["slots"] and seen["settings"].get("max_slot_wal_keep_size", UNBOUNDED) == UNBOUNDED:
        kept = sum(slot["retainedBytes"] for slot in seen["slots"]) // 2**20
        zh = f"{len(seen['slots'])} 个复制槽无上限（现保留 {kept} MiB）"
        yield Text(zh, f"{len(seen['slots'])} slots have no limit (they keep {kept} MiB now)")
