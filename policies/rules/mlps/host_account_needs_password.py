"""No account is without a password.

Why: an empty password is no secret: whoever knows the name is in.
Clause: GB/T 22239-2019 8.1.4.1 a.
Fix: set a password, or lock the account with `passwd -l`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_account_needs_password",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.HOST,),
    title=Text("没有空口令账户", "No account is without a password"),
    remedy=Text(
        "设置口令或锁定账户（passwd -l）", "set a password, or lock the account (`passwd -l`)"
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per account whose password is empty."""
    accounts = facts_of(resource).get("accounts")
    if accounts is None:
        yield unread("账户", "the accounts")
    for each in accounts or ():
        if each["password"] == "none":
            yield Text(f"账户 {each['name']} 的口令为空", f"{each['name']} has an empty password")
