"""The database writes its records where they stay, and not over each other.

Why: what goes to a terminal is gone, and a file named by the day of the week holds seven days; the
law asks for six months.
Clause: GB/T 22239-2019 8.1.4.3 c; order 29 (2022), logs are kept six months.
Fix: `logging_collector = on` with the date in `log_filename`, or syslog in `log_destination`.
Waiver: nobody. Whether older files were removed by hand is not seen.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_records_kept",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.3 c"),
        Clause("国卫规划发〔2022〕29号", "日志留存"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据库日志留存不覆盖", "Records of the database are kept"),
    remedy=Text(
        "启用 logging_collector 且 log_filename 含日期，或写入 syslog",
        "use logging_collector with a date in log_filename, or syslog",
    ),
)

# Each set of `strftime` signs names no day twice within six months.
DATES = ({"%Y"}, {"%y"}, {"%F"}, {"%s"}, {"%j"}, {"%m", "%d"}, {"%D"})


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if nothing collects the records, or a file is written over too soon."""
    settings = resource.inputs["facts"]["settings"]
    name, truncates = settings.get("log_filename", ""), settings.get("log_truncate_on_rotation")
    if "syslog" in settings.get("log_destination", ""):
        return
    if settings.get("logging_collector") != "on":
        zh = "logging_collector 未启用，日志去向不受数据库控制"
        yield Text(zh, "logging_collector is not on: nobody keeps the records")
    elif truncates != "off" and not any(all(sign in name for sign in date) for date in DATES):
        yield Text(f"日志文件 {name} 不足半年即被覆盖", f"{name} is written over within six months")
