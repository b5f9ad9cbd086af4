"""No table is granted to everybody.

Why: a grant to PUBLIC holds for every role that will ever be made, the one for the next interface
and the next supplier included.
Clause: GB/T 22239-2019 8.1.4.2 f, 8.1.4.11 b (nobody reaches personal data without a right); GB/T
39725-2020, data of level 2 and above are not public.
Fix: `REVOKE ALL ON TABLE ... FROM PUBLIC`, then grant to the roles that treat or account.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_table_closed_to_public",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.2 f"),
        Clause("GB/T 39725-2020", "第2级及以上"),
        Clause("GB/T 22239-2019", "8.1.4.11 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据表不授予所有角色", "No table is granted to everybody"),
    remedy=Text(
        "REVOKE ALL ON TABLE … FROM PUBLIC，再按需授权",
        "REVOKE ALL ON TABLE ... FROM PUBLIC, then grant what is needed",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per table on which every role has some right."""
    for database in resource.inputs["facts"]["databases"]:
        for table in database["publicTables"]:
            name = f"{database['name']}.{table}"
            yield Text(f"{name} 授予了所有角色", f"{name} is granted to every role")
