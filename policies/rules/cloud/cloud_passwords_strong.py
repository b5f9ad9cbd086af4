"""The account asks for strong passwords, and for new ones.

Why: whoever guesses a password of the cloud's console holds the hospital's copy of everything.
Clause: GB/T 22239-2019 8.1.4.1 a. The numbers are practice: the clause has none.
Fix: set the account's password policy.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_passwords_strong",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ACCOUNT,),
    title=Text("云账户口令策略符合要求", "The cloud account asks for strong passwords"),
    remedy=Text(
        "设置口令策略：至少 8 位、三类字符、90 天更换、不重复最近 5 次",
        "set the policy: 8 characters, 3 classes, 90 days, 5 remembered",
    ),
)

# Practice of assessments at level 3; the clause asks for strength and change without numbers.
LENGTH, CLASSES, DAYS, REMEMBERED = 8, 3, 90, 5


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per demand that the policy does not make."""
    yield from unread(resource, "passwords", "口令策略")
    policy = resource.inputs["facts"].get("passwords")
    if policy is None:
        return
    if policy["length"] < LENGTH:
        yield Text("口令长度不足", f"passwords of {policy['length']} characters are taken")
    if policy["classes"] < CLASSES:
        yield Text("口令字符种类不足", f"{policy['classes']} kinds of character are enough")
    if not 0 < policy["days"] <= DAYS:
        yield Text(
            f"口令可用 {policy['days']} 天（0 为永久）", f"age limit is {policy['days']} days"
        )
    if policy["remembered"] < REMEMBERED:
        yield Text("旧口令可重复使用", f"{policy['remembered']} former passwords are remembered")
