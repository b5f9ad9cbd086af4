"""Root alone has the user id 0.

Why: a second name for root has all its rights and none of its guards, and is a usual back door.
Clause: GB/T 22239-2019 8.1.4.2 d, 8.1.4.1 a.
Fix: delete the account, and give its owner rights by sudo.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_one_superuser",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"), Clause("GB/T 22239-2019", "8.1.4.1 a")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.HOST,),
    title=Text("只有 root 的用户号为 0", "Root alone has the user id 0"),
    remedy=Text(
        "删除其余用户号为 0 的账户，改用 sudo", "delete the others, and give rights by sudo"
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per account besides root that is root."""
    accounts = facts_of(resource).get("accounts")
    if accounts is None:
        yield unread("账户", "the accounts")
    for each in accounts or ():
        if each["uid"] == 0 and each["name"] != "root":
            yield Text(f"账户 {each['name']} 的用户号为 0", f"{each['name']} has the user id 0")
