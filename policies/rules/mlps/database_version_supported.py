"""PostgreSQL is of a version that its community still mends.

Why: after the last day of a major version no flaw in it is closed any more, however loudly known.
Clause: GB/T 22239-2019 8.1.4.4 e (known flaws are found and closed), 8.1.10.5.
Fix: upgrade to a version that is supported. Vendors' products are judged by their listing instead.
Waiver: nobody.
"""

from collections.abc import Iterator
from datetime import date

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_version_supported",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 e"), Clause("GB/T 22239-2019", "8.1.10.5")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE,),
    title=Text("数据库版本仍获支持", "The database's version is still supported"),
    remedy=Text("升级到仍获支持的版本", "upgrade to a version that is supported"),
)

# https://www.postgresql.org/support/versioning/; a later version than these is taken as supported.
LAST_DAY = {
    "14": date(2026, 11, 12),
    "15": date(2027, 11, 11),
    "16": date(2028, 11, 9),
    "17": date(2029, 11, 8),
    "18": date(2030, 11, 14),
}
OLDEST = 14  # whatever is older has had its last day


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per PostgreSQL whose version has had its last day, or cannot be read."""
    for database in resource.inputs.get("databases", ()):
        name, version = database["name"], database["version"]
        major = version.partition(".")[0]
        if database["product"] != "db-postgresql":
            continue
        if not major.isdecimal():
            yield Text(
                f"{name} 的版本 {version} 无法识别", f"{name}: version {version} is unreadable"
            )
        elif int(major) < OLDEST or LAST_DAY.get(major, date.max) < facts.today:
            zh = f"{name} 的 PostgreSQL {version} 已停止支持"
            yield Text(zh, f"{name} runs PostgreSQL {version}, which is no longer supported")
