"""Passwords are kept as SCRAM-SHA-256 verifiers, the new ones and those that are there.

Why: an MD5 verifier is as good as the password, to who sees it in a backup; MD5 is no algorithm
that a crypto assessment takes.
Clause: GB/T 39786-2021 chapter 5 (algorithms); GB/T 22239-2019 8.1.4.1 c.
Fix: `password_encryption = scram-sha-256`, then set the passwords of the roles named here again.
Waiver: nobody. PostgreSQL itself knows no SM3; whether that is needed stays with the assessment.
"""

from collections.abc import Iterator

from hospital.database_settings import unlike
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_passwords_scram",
    clauses=(
        Clause("GB/T 39786-2021", "第5章 密码算法"),
        Clause("GB/T 22239-2019", "8.1.4.1 c"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据库口令以 SCRAM 保存", "The database keeps passwords as SCRAM verifiers"),
    remedy=Text(
        "password_encryption 设为 scram-sha-256，并重设所列角色的口令",
        "set password_encryption to scram-sha-256; set the named roles' passwords again",
    ),
)

SCRAM = "scram-sha-256"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason for the setting, and one per role whose password is kept otherwise."""
    seen = resource.inputs["facts"]
    yield from unlike(seen["settings"], "password_encryption", good=(SCRAM,))
    for role in seen["roles"]:
        if role["verifier"] not in (SCRAM, "none"):
            name, verifier = role["name"], role["verifier"]
            zh = f"角色 {name} 的口令以 {verifier} 保存"
            yield Text(zh, f"the password of {name} is kept as {verifier}")
