"""Who logs in to the cloud's console shows a second factor.

Why: a password that was fished opens the console from anywhere in the world.
Clause: GB/T 22239-2019 8.1.4.1 d. Whether the factor is cryptographic by approved means is for
the assessment.
Fix: register a second factor for the user, or take his password away.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_user_has_second_factor",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 d"),),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("控制台用户启用双因素", "Console users have a second factor"),
    remedy=Text(
        "为用户登记第二因素，或删除其控制台口令",
        "register a second factor, or remove the password",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per user with a password and nothing else."""
    yield from unread(resource, "users", "用户")
    for user in each(resource, "users"):
        name, console, factors = user["name"], user.get("console"), user.get("factors")
        alone = None if console is None or factors is None else bool(console and not factors)
        yield from amiss(
            alone, Text(f"用户 {name} 只凭口令登录", f"user {name}: a password alone"), good=False
        )
