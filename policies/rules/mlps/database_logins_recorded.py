"""The database records who came and went.

Why: who looked at a patient's record last night is asked weeks later, and answered by this alone.
Clause: GB/T 22239-2019 8.1.4.3 a.
Fix: `log_connections = on` and `log_disconnections = on`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.database_settings import unlike
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_logins_recorded",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据库记录登录与退出", "The database records logins and logouts"),
    remedy=Text(
        "设置 log_connections 与 log_disconnections 为 on",
        "set log_connections and log_disconnections on",
    ),
)

SETTINGS = ("log_connections", "log_disconnections")
SILENT = ("off", "", None)  # PostgreSQL 18 takes a list of what to record; an empty one is nothing


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per setting that is off, or cannot be read."""
    settings = resource.inputs["facts"]["settings"]
    for name in SETTINGS:
        if settings.get(name) in SILENT:
            yield from unlike(settings, name, good=())
