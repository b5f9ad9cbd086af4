"""Where replication is declared synchronous, a synchronous standby really streams.

Why: a declaration makes no copy. Without a standby that the primary waits for, the site that burns
takes confirmed orders along, and the recovery time is spent on looking for them.
Clause: GB/T 20988-2025 level 6; GB/T 22239-2019 8.1.4.9 b.
Fix: see why no standby is synchronous: `pg_stat_replication`, `patronictl list`, the line between.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_synchronous_standby_streams",
    clauses=(Clause("GB/T 20988-2025", "第6级"), Clause("GB/T 22239-2019", "8.1.4.9 b")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.DATABASE,),
    title=Text("同步备库实际在同步", "A synchronous standby really streams"),
    remedy=Text(
        "检查 pg_stat_replication 与站点间线路，恢复同步备库",
        "look at pg_stat_replication and the line, and bring the standby back",
    ),
)

WAITED_FOR = ("sync", "quorum")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the primary waits for nobody that streams."""
    seen = resource.inputs["facts"]
    if seen["standby"] or resource.inputs["database"]["replication"] != "synchronous":
        return
    if not any(it["state"] == "streaming" and it["sync"] in WAITED_FOR for it in seen["standbys"]):
        states = [f"{it['name']}: {it['state']}, {it['sync']}" for it in seen["standbys"]]
        told = "; ".join(states) or "-"
        yield Text(f"无同步备库在流复制（{told}）", f"no synchronous standby streams ({told})")
