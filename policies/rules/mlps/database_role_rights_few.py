"""No role may make roles or databases, pass row security, or reach the server's files and programs.

Why: each of these rights ends in all others, or outside the database; operators of a database use
its superuser for them, locally and on the record.
Clause: GB/T 22239-2019 8.1.4.2 d.
Fix: `ALTER ROLE ... NOCREATEROLE NOCREATEDB NOBYPASSRLS`; `REVOKE pg_...` from the role.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_role_rights_few",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据库角色权限最小", "Roles of the database have few rights"),
    remedy=Text(
        "收回 CREATEROLE、CREATEDB、BYPASSRLS 与服务器文件、程序权限",
        "take away CREATEROLE, CREATEDB, BYPASSRLS, and rights over the server's files",
    ),
)

ATTRIBUTES = {"createRole": "CREATEROLE", "createDb": "CREATEDB", "bypassRls": "BYPASSRLS"}
GROUPS = ("pg_execute_server_program", "pg_read_server_files", "pg_write_server_files")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per role that has one of these rights without being a superuser."""
    for role in resource.inputs["facts"]["roles"]:
        rights = [name for key, name in ATTRIBUTES.items() if role[key]]
        rights += [group for group in GROUPS if group in role["memberOf"]]
        if rights and not role["superuser"]:
            name, told = role["name"], ", ".join(rights)
            yield Text(f"角色 {name} 拥有 {told}", f"role {name} has {told}")
