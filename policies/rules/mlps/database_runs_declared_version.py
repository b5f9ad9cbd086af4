"""The database that runs is of the version that is declared.

Why: upgrades, drills and the judgement of what is still supported go by the declaration.
Clause: GB/T 22239-2019 8.1.10.8.
Fix: declare the version that runs, or upgrade to the one that is declared.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_runs_declared_version",
    clauses=(Clause("GB/T 22239-2019", "8.1.10.8"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.DATABASE,),
    title=Text("数据库版本与声明一致", "The database runs the declared version"),
    remedy=Text(
        "在声明中更正版本，或升级数据库",
        "declare the version that runs, or upgrade to the declared",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the major versions differ."""
    running = str(resource.inputs["facts"]["version"] // 10_000)
    declared = resource.inputs["database"]["version"]
    if declared.partition(".")[0] != running:
        zh = f"声明为 {declared}，实际运行 {running}"
        yield Text(zh, f"{declared} is declared, {running} is running")
