"""The write-ahead log is archived, and the archive takes it.

Why: replication copies a mistake within a second; only an archive goes back to before it.
Clause: GB/T 22239-2019 8.1.4.9 a; GB/T 20988-2025 level 3 (sent several times a day).
Fix: `archive_mode = on` with a command of a backup tool; mend it while it fails.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_archive_works",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.9 a"), Clause("GB/T 20988-2025", "第3级")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据库日志归档有效", "The write-ahead log is archived"),
    remedy=Text(
        "启用 archive_mode 并配置备份工具的归档命令；归档失败须修复",
        "set archive_mode and a backup tool's command; mend it while it fails",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if nothing is archived, or the last attempt failed."""
    archive = resource.inputs["facts"]["archive"]
    if archive["mode"] == "off":
        yield Text("archive_mode 为 off", "archive_mode is off")
    elif not archive["destination"]:
        yield Text("归档命令不保存任何日志", "the archive command keeps nothing")
    elif archive["failing"]:
        count = archive["failed"]
        yield Text(f"最近一次归档失败（共 {count} 次）", f"archiving fails ({count} times so far)")
