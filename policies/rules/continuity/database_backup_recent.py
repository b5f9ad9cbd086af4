"""There is a backup from the last day, and a full one from the last week.

Why: a backup that was set up once and stopped is found when it is needed; only its last date shows.
Clause: GB/T 22239-2019 8.1.4.9 a, 8.1.10.11; GB/T 20988-2025 levels 1 (weekly) and 3 (daily).
Fix: run pgbackrest by a timer, and look at `pgbackrest info` when it is overdue.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_backup_recent",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.9 a"),
        Clause("GB/T 22239-2019", "8.1.10.11"),
        Clause("GB/T 20988-2025", "第1级"),
        Clause("GB/T 20988-2025", "第3级"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据库备份按期完成", "The database has a recent backup"),
    remedy=Text(
        "定时执行 pgbackrest，并检查 pgbackrest info",
        "run pgbackrest by a timer, and look at pgbackrest info",
    ),
)

DAILY = 25  # hours: a day, and one for the backup to run
WEEKLY = 7 * 24 + 1  # the same of a full one


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason at the primary if no backup is seen, or the newest is too old."""
    seen = resource.inputs["facts"]
    backup = seen.get("backup")
    if seen["standby"]:
        return
    if backup is None:
        yield Text("未见任何备份", "no backup could be seen")
        return
    age, full = backup["ageHours"], backup.get("fullAgeHours")
    if age > DAILY:
        yield Text(f"最近的备份距今 {age} 小时", f"the newest backup is {age} hours old")
    if full is None or full > WEEKLY:
        zh = "无" if full is None else f"距今 {full} 小时"
        en = "is missing" if full is None else f"is {full} hours old"
        yield Text(f"最近的全量备份：{zh}", f"the newest full backup {en}")
