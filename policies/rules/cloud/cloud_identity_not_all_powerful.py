"""Nobody may do everything in the cloud every day.

Why: one key that can do everything can also delete the record of what it did.
Clause: GB/T 22239-2019 8.1.4.2 d (least privilege, separate duties).
Fix: grant the actions that the work needs, on the resources that it needs.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_identity_not_all_powerful",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"),),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("云上没有全权用户与角色", "Nobody in the cloud may do everything"),
    remedy=Text(
        "改为按工作所需授权，删除对全部资源的全部操作",
        "grant what the work needs instead of every action on everything",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per user and role that a policy allows every action on everything."""
    for part, zh, en in (("users", "用户", "user"), ("roles", "角色", "role")):
        yield from unread(resource, part, zh)
        for one in each(resource, part):
            if one["allPowerful"]:
                yield Text(
                    f"{zh} {one['name']} 拥有全部权限", f"{en} {one['name']} may do everything"
                )
