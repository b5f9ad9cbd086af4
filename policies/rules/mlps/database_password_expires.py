"""A password of the database has a last day.

Why: a password that was once copied out of a configuration is good for ever otherwise.
Clause: GB/T 22239-2019 8.1.4.1 a (secrets are changed regularly).
Fix: `ALTER ROLE ... PASSWORD ... VALID UNTIL ...`, and renew it before that day.
Waiver: not needed: advisory, because a program whose password lapses unnoticed stops a ward.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_password_expires",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.DATABASE,),
    title=Text("数据库口令定期更换", "Passwords of the database have a last day"),
    remedy=Text(
        "ALTER ROLE … VALID UNTIL，并在到期前更换", "set VALID UNTIL, and renew before that day"
    ),
)

LONGEST = timedelta(days=90)  # practice of assessments, the clause has no number


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason that names the roles whose passwords are good for longer."""
    latest = facts.today + LONGEST
    lasting = [
        role["name"]
        for role in resource.inputs["facts"]["roles"]
        if role["login"] and role["verifier"] != "none"
        if date.fromisoformat(role.get("validUntil", "9999-12-31")) > latest
    ]
    if lasting:
        names = ", ".join(lasting)
        zh = f"口令有效期超过 {LONGEST.days} 天或不限：{names}"
        yield Text(zh, f"passwords are good for more than {LONGEST.days} days: {names}")
