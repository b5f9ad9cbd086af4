"""The database refuses passwords that are too simple.

Why: the password of a role is set by whoever may, and the simplest one is found first.
Clause: GB/T 22239-2019 8.1.4.1 a.
Fix: load passwordcheck (or credcheck, passwordpolicy) by `shared_preload_libraries`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_password_checked",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.DATABASE,),
    title=Text("数据库检查口令强度", "The database checks how strong passwords are"),
    remedy=Text(
        "shared_preload_libraries 加载 passwordcheck 或 credcheck",
        "load passwordcheck or credcheck by shared_preload_libraries",
    ),
)

CHECKERS = ("passwordcheck", "credcheck", "passwordpolicy")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if no library is loaded that judges a new password."""
    loaded = resource.inputs["facts"]["settings"].get("shared_preload_libraries", "")
    if not any(checker in loaded for checker in CHECKERS):
        zh = f"未加载口令检查（shared_preload_libraries：{loaded or '空'}）"
        yield Text(zh, f"no password is checked (shared_preload_libraries: {loaded or 'empty'})")
