"""Keys of programs are changed before they are old.

Why: a key has no second factor; the longer it lives, the more copies of it lie about.
Clause: GB/T 22239-2019 8.1.4.1 a (secrets are changed regularly).
Fix: make a new key, move the program to it, delete the old one.
Waiver: nobody.
"""

from collections.abc import Iterator
from datetime import date

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_access_key_changed",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ACCOUNT,),
    title=Text("访问密钥定期更换", "Access keys are changed regularly"),
    remedy=Text(
        "更换访问密钥并删除旧密钥",
        "change the key and delete the old one",
    ),
)

DAYS = 90  # practice; the clause has no number


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per active key that is too old, and per user whose keys nobody could read."""
    yield from unread(resource, "users", "用户")
    for user in each(resource, "users"):
        name = user["name"]
        if user.get("keys") is None:
            yield Text(f"未能读取用户 {name} 的密钥", f"keys of {name}: could not be read")
        for key in user.get("keys") or ():
            age = (facts.today - date.fromisoformat(key["created"])).days
            if key["active"] and age > DAYS:
                yield Text(f"{name} 的密钥 {key['id']} 已用 {age} 天", f"{name}: {age} days old")
