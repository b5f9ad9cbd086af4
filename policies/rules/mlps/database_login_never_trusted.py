"""Nobody enters the database without a proof of who they are.

Why: `trust` believes every name that a client gives, `ident` over a network what the client's own
machine says; both let anybody be the administrator.
Clause: GB/T 22239-2019 8.1.4.1 a, 8.1.4.2 a; GB/T 39725-2020, data of level 2 (access is asked
for).
Fix: write `scram-sha-256` or `cert` in pg_hba.conf, `peer` for the local socket.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.hba import admitting
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_login_never_trusted",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.1 a"),
        Clause("GB/T 22239-2019", "8.1.4.2 a"),
        Clause("GB/T 39725-2020", "第2级数据"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.DATABASE,),
    title=Text("登录数据库须验明身份", "Nobody enters the database unproved"),
    remedy=Text(
        "pg_hba.conf 中改用 scram-sha-256、cert 或 peer",
        "write scram-sha-256, cert or peer in pg_hba.conf",
    ),
)

UNPROVED = ("trust", "ident")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per line that asks for no proof, or that PostgreSQL itself cannot read."""
    lines = resource.inputs["facts"]["access"]
    for line in lines:
        if line["error"]:
            number = line["line"]
            zh = f"pg_hba.conf 第 {number} 行无法解析：{line['error']}"
            yield Text(zh, f"line {number} of pg_hba.conf cannot be read: {line['error']}")
    for line in admitting(lines):
        if line["method"] in UNPROVED:
            number, method = line["line"], line["method"]
            yield Text(
                f"pg_hba.conf 第 {number} 行使用 {method}",
                f"line {number} of pg_hba.conf admits by {method}",
            )
