"""No role is a superuser but the one that the cluster was made with.

Why: a superuser passes every grant, every policy and every record of what it does; an application
that is one makes each of its flaws a flaw of the whole database.
Clause: GB/T 22239-2019 8.1.4.2 d.
Fix: `ALTER ROLE ... NOSUPERUSER`, and grant what is needed.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_superuser_single",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"),),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.DATABASE,),
    title=Text("数据库仅有一个超级用户", "The database has one superuser only"),
    remedy=Text(
        "ALTER ROLE … NOSUPERUSER，按需授权", "ALTER ROLE ... NOSUPERUSER; grant what is needed"
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per further superuser."""
    for role in resource.inputs["facts"]["roles"]:
        if role["superuser"] and not role["bootstrap"]:
            yield Text(f"角色 {role['name']} 是超级用户", f"role {role['name']} is a superuser")
