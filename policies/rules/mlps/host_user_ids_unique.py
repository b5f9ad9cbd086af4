"""No two accounts share a user id or a name.

Why: what two accounts do is one to the kernel and to the audit: nobody can say who did it.
Clause: GB/T 22239-2019 8.1.4.1 a.
Fix: give one of them an id of its own (`usermod -u`) and hand over its files.
Waiver: nobody.
"""

from collections import Counter
from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_user_ids_unique",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("用户号与用户名不重复", "User ids and names are unique"),
    remedy=Text("为每个账户分配独有的用户号", "give every account an id of its own"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per id and name that several have; id 0 is judged by `host_one_superuser`."""
    accounts = facts_of(resource).get("accounts")
    if accounts is None:
        yield unread("账户", "the accounts")
        return
    for key, zh, en in (("uid", "用户号", "user id"), ("name", "用户名", "name")):
        for value, times in Counter(each[key] for each in accounts).items():
            if times > 1 and value != 0:
                yield Text(
                    f"{zh} {value} 被 {times} 个账户使用", f"{times} accounts have the {en} {value}"
                )
