"""Managed databases are backed up, and not deleted in one step.

Why: a cloud's database without backups is lost with one call, by hand or by program.
Clause: GB/T 22239-2019 8.1.4.9 a; GB/T 20988-2025 data backup system.
Fix: keep automatic backups for seven days; turn on the protection from deletion.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_database_backed_up",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.9 a"),
        Clause("GB/T 20988-2025", "数据备份系统"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ACCOUNT,),
    title=Text("云数据库有备份与删除保护", "Managed databases are backed up"),
    remedy=Text(
        "自动备份保留 7 天以上，启用删除保护",
        "keep backups 7 days; protect from deletion",
    ),
)

DAYS = 7  # practice: a weekend and the days until somebody looks


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database that keeps too little, one per database that can just go."""
    yield from unread(resource, "databases", "云数据库")
    for base in each(resource, "databases"):
        name, days = base["name"], base["backupDays"]
        if days < DAYS:
            yield Text(f"云数据库 {name} 备份保留 {days} 天", f"database {name} keeps {days} days")
        if not base["guarded"]:
            yield Text(f"云数据库 {name} 可直接删除", f"database {name} can be deleted in one step")
