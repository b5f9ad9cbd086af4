"""Nobody keeps a way in that he does not use.

Why: who left the hospital does not notice when his account is used.
Clause: GB/T 22239-2019 8.1.4.2 c (accounts that are not needed are removed).
Fix: remove the user or his keys.
Waiver: nobody.
"""

from collections.abc import Iterator
from datetime import date

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_identity_used",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 c"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ACCOUNT,),
    title=Text("云上没有闲置账户", "No unused accounts in the cloud"),
    remedy=Text(
        "删除或停用闲置的用户与密钥",
        "remove users and keys that nobody uses",
    ),
)

DAYS = 90  # practice, as for staff that left


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per user who neither logged in nor used a key for too long."""
    yield from unread(resource, "users", "用户")
    for user in each(resource, "users"):
        name, keys = user["name"], [key for key in user.get("keys", ()) if key["active"]]
        ways = [*keys, *([{"lastUsed": user.get("lastLogin")}] if user.get("console") else ())]
        seen = max((way.get("lastUsed") or user["created"] for way in ways), default="")
        if seen and (facts.today - date.fromisoformat(seen)).days > DAYS:
            yield Text(f"用户 {name} 自 {seen} 起未使用", f"user {name}: not used since {seen}")
