"""A database admits the roles that need it, not everybody.

Why: PostgreSQL lets every role connect to every new database; the account of one system is then the
first step into all others.
Clause: GB/T 22239-2019 8.1.4.2 d, 8.1.4.11 b (nobody reaches personal data without a right); GB/T
39725-2020, data of level 2 and above are not public.
Fix: `REVOKE ALL ON DATABASE ... FROM PUBLIC`, then `GRANT CONNECT` to the roles that need it.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_closed_to_public",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.2 d"),
        Clause("GB/T 39725-2020", "第2级及以上"),
        Clause("GB/T 22239-2019", "8.1.4.11 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.DATABASE,),
    title=Text("数据库不对所有角色开放", "No database is open to every role"),
    remedy=Text(
        "REVOKE ALL ON DATABASE … FROM PUBLIC，再按需授权",
        "REVOKE ALL ON DATABASE ... FROM PUBLIC, then grant what is needed",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database, templates apart, to which every role may connect."""
    for database in resource.inputs["facts"]["databases"]:
        if database["publicConnects"] and not database["template"]:
            name = database["name"]
            yield Text(f"任何角色均可连接数据库 {name}", f"every role may connect to {name}")
