"""The database records who changed its definitions and rights, and nobody is left out.

Why: a table that is gone, a grant that was not there: without a record nobody knows since when, or
by whom. A setting of one role that says otherwise is how traces are avoided.
Clause: GB/T 22239-2019 8.1.4.3 a and d.
Fix: `log_statement = ddl` or pgaudit with `pgaudit.log` of ddl and role; take the override away.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Plain, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_definitions_recorded",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 a"), Clause("GB/T 22239-2019", "8.1.4.3 d")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text(
        "数据库记录定义与权限变更", "The database records changes of definitions and rights"
    ),
    remedy=Text(
        "设置 log_statement=ddl，或启用 pgaudit（ddl、role）；删除单独覆盖",
        "set log_statement to ddl, or use pgaudit (ddl, role); remove overrides",
    ),
)

RECORDS = {"log_statement": {"ddl", "mod", "all"}, "pgaudit.log": {"ddl", "all"}}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if nothing records them, and one per role or database that is left out."""
    seen = resource.inputs["facts"]
    recording = [name for name in RECORDS if _records(name, seen["settings"])]
    if not recording:
        told = seen["settings"].get("log_statement")
        zh = f"log_statement 为 {told or '未知'}，且未使用 pgaudit"
        yield Text(zh, f"log_statement is {told or 'unread'}, and pgaudit is not used")
    for each in seen["overrides"]:
        name, value = each["name"], each["value"]
        if recording == [name] and not _records(name, {**seen["settings"], name: value}):
            whom = each["role"] or each["database"]
            yield Text(f"对 {whom} 另设 {name}={value}", f"{name} is {value} for {whom}")


def _records(name: str, settings: Plain) -> bool:
    words = {word.strip() for word in settings.get(name, "").split(",")}
    loaded = name == "log_statement" or "pgaudit" in settings.get("shared_preload_libraries", "")
    return loaded and bool(words & RECORDS[name])
