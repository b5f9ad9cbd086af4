"""The homes of root and of people can be neither read by others nor written by a group.

Why: keys, histories and dumps of data lie there; who can write there becomes the owner.
Clause: GB/T 22239-2019 8.1.4.2 d.
Fix: `chmod o-rwx,g-w DIRECTORY`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import (
    GROUP_WRITES,
    OTHERS_READ,
    OTHERS_WRITE,
    facts_of,
    logs_in,
    mode_of,
    unread,
)
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_homes_private",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("用户目录不对他人开放", "Homes are closed to others"),
    remedy=Text("执行 chmod o-rwx,g-w", "`chmod o-rwx,g-w` the directory"),
)

FIRST_PERSON = 1000


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per home that is open; whoever has none, or only a service, is not judged."""
    accounts = facts_of(resource).get("accounts")
    if accounts is None:
        yield unread("账户", "the accounts")
    homes = facts_of(resource).get("homes") or {}
    for each in accounts or ():
        person = logs_in(each) and (each["uid"] == 0 or each["uid"] >= FIRST_PERSON)
        held = homes.get(each["home"]) if person else None
        if held and mode_of(held) & (GROUP_WRITES | OTHERS_WRITE | OTHERS_READ):
            yield Text(f"{each['home']} 的权限为 {held}", f"{each['home']} is {held}")
