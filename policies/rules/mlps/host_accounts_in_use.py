"""No account with a password has been left unused for months.

Why: people leave, their accounts stay, and nobody notices who uses them then.
Clause: GB/T 22239-2019 8.1.4.2 c.
Fix: ask the owner; lock (`usermod -L -e 1`) or delete the account.
Waiver: nobody.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from hospital.host_settings import days_since, facts_of, people, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_accounts_in_use",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 c"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("没有闲置账户", "No account lies idle"),
    remedy=Text(
        "锁定或删除 90 天未登录的账户", "lock or delete accounts that nobody used for 90 days"
    ),
)

MOST = 90  # days; practice


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per account with a password that was neither used nor set within the time."""
    seen = facts_of(resource).get("lastLogins")
    if seen is None:
        yield unread("最近登录记录", "who logged in last")
        return
    for each in people(facts_of(resource)):
        name, made = each["name"], date(1970, 1, 1) + timedelta(days=each["changed"])
        idle = days_since(max(seen.get(name, ""), made.isoformat()), facts.today)
        if idle > MOST:
            yield Text(
                f"账户 {name} 已 {idle} 天未使用", f"{name} has not been used for {idle} days"
            )
