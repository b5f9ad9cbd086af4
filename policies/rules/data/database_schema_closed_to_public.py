"""Nobody makes objects in a schema unless it was granted to them.

Why: where everybody may create, everybody may put a function before the one that others call; up to
PostgreSQL 14 that was the default of the schema public, and upgrades keep it.
Clause: GB/T 22239-2019 8.1.4.2 f.
Fix: `REVOKE CREATE ON SCHEMA public FROM PUBLIC`, in every database.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_schema_closed_to_public",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 f"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("模式不允许任意创建对象", "No schema takes objects from everybody"),
    remedy=Text(
        "执行 REVOKE CREATE ON SCHEMA … FROM PUBLIC", "REVOKE CREATE ON SCHEMA ... FROM PUBLIC"
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per schema in which every role may make objects."""
    for database in resource.inputs["facts"]["databases"]:
        for schema in database["publicSchemas"]:
            name = f"{database['name']}.{schema}"
            yield Text(f"任何角色均可在 {name} 创建对象", f"every role may create in {name}")
