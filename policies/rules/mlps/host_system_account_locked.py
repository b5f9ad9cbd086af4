"""No account that came with the system or a program can log in with a password.

Why: such accounts have known names and often known passwords, and belong to nobody who would
notice.
Clause: GB/T 22239-2019 8.1.4.2 b.
Fix: `passwd -l NAME`, or `usermod -s /usr/sbin/nologin NAME`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, people, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_system_account_locked",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 b"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("系统账户不能登录", "System accounts cannot log in"),
    remedy=Text(
        "锁定口令，或将登录程序设为 nologin", "lock its password, or make its shell `nologin`"
    ),
)

FIRST_PERSON = 1000  # where `/etc/login.defs` does not say


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per account of the system with a password and a shell; root is a person's."""
    if facts_of(resource).get("accounts") is None:
        yield unread("账户", "the accounts")
    first = int((facts_of(resource).get("definitions") or {}).get("UID_MIN", FIRST_PERSON))
    for each in people(facts_of(resource)):
        if 0 < each["uid"] < first:
            yield Text(
                f"系统账户 {each['name']} 可凭口令登录",
                f"{each['name']} can log in with a password",
            )
