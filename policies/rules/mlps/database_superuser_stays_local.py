"""A superuser of the database logs in on its host only, never over a network.

Why: nothing holds a superuser, and nothing he does needs a trace; the way to the host is guarded
and recorded, the database's port is open to every application.
Clause: GB/T 22239-2019 8.1.4.4 c, 8.1.5.1 a.
Fix: put `host all <superuser> all reject` before the lines of pg_hba.conf that admit everybody.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.hba import way_in
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_superuser_stays_local",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 c"), Clause("GB/T 22239-2019", "8.1.5.1 a")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据库超级用户仅限本机登录", "Superusers of the database log in locally only"),
    remedy=Text(
        "在 pg_hba.conf 前部加入 host all <超级用户> all reject",
        "put `host all <superuser> all reject` early into pg_hba.conf",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per superuser whom a line lets in over a network."""
    seen = resource.inputs["facts"]
    for role in seen["roles"]:
        line = way_in(seen["access"], role) if role["superuser"] and role["login"] else None
        if line is not None:
            name, number = role["name"], line["line"]
            yield Text(
                f"超级用户 {name} 可经 pg_hba.conf 第 {number} 行远程登录",
                f"superuser {name} may log in remotely by line {number} of pg_hba.conf",
            )
