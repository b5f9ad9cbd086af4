"""A login does not hand its password, or what stands for it, to who answers.

Why: `password` sends it as it is, `md5` what can be turned back or used again; a false server, or
one listener, is enough.
Clause: GB/T 22239-2019 8.1.4.1 c.
Fix: write `scram-sha-256` in pg_hba.conf; roles whose verifier is MD5 need a new password first.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.hba import admitting
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_login_hides_password",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 c"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("登录数据库不泄露口令", "A login at the database gives no password away"),
    remedy=Text("pg_hba.conf 中改用 scram-sha-256", "write scram-sha-256 in pg_hba.conf"),
)

READABLE = ("password", "md5")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per line with a method that lets the password be read or used again."""
    for line in admitting(resource.inputs["facts"]["access"]):
        if line["method"] in READABLE:
            number, method = line["line"], line["method"]
            yield Text(
                f"pg_hba.conf 第 {number} 行使用 {method}",
                f"line {number} of pg_hba.conf admits by {method}",
            )
