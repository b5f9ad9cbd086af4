"""What the database has acknowledged is on disk, and where it must be, at the other site too.

Why: with any of these settings weakened a power cut or a lost site takes orders that were confirmed
at the bedside. One role that weakens it for speed loses its own writes only, and nobody knows.
Clause: GB/T 22239-2019 8.1.4.7 b; GB/T 20988-2025 level 6 (nothing lost).
Fix: fsync, full_page_writes and synchronous_commit on; take the override away.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.database_settings import unlike
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_writes_durable",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.7 b"), Clause("GB/T 20988-2025", "第6级")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.DATABASE,),
    title=Text("数据库确认的写入不丢失", "What the database acknowledged is kept"),
    remedy=Text(
        "fsync、full_page_writes、synchronous_commit 设为 on，删除单独覆盖",
        "set fsync, full_page_writes and synchronous_commit on; remove overrides",
    ),
)

WAITS = {  # values of synchronous_commit that wait for what is declared
    "synchronous": {"on", "remote_apply"},
    "asynchronous": {"on", "remote_apply", "remote_write", "local"},
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per setting that is weaker, and per role or database that weakens it."""
    seen = resource.inputs["facts"]
    enough = WAITS[resource.inputs["database"]["replication"]]
    wanted = {"fsync": {"on"}, "full_page_writes": {"on"}, "synchronous_commit": enough}
    for name, good in wanted.items():
        yield from unlike(seen["settings"], name, good=good)
    for each in seen["overrides"]:
        if each["name"] == "synchronous_commit" and each["value"] not in enough:
            whom, value = each["role"] or each["database"], each["value"]
            zh = f"对 {whom} 另设 synchronous_commit={value}"
            yield Text(zh, f"synchronous_commit is {value} for {whom}")
