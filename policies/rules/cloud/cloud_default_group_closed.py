"""The default security group lets nothing through.

Why: a machine for which nobody chose a group gets this one.
Clause: GB/T 22239-2019 8.1.3.2 a (deny by default), 8.2.2.1 b (tenants apart).
Fix: remove every rule of the default group.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_default_group_closed",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.3.2 a"),
        Clause("GB/T 22239-2019", "8.2.3.1 a"),
        Clause("GB/T 22239-2019", "8.2.2.1 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ACCOUNT,),
    title=Text("默认安全组不放行", "The default group lets nothing through"),
    remedy=Text(
        "删除默认安全组的全部规则",
        "remove every rule of the default group",
    ),
)

DEFAULT = "default"  # the name that the provider gives it


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per default group that still lets something in or out."""
    yield from unread(resource, "groups", "安全组")
    for group in each(resource, "groups"):
        if group["name"] == DEFAULT and (group["inbound"] or group["outbound"]):
            yield Text(
                f"默认安全组 {group['id']} 有放行规则", f"default group {group['id']} is open"
            )
