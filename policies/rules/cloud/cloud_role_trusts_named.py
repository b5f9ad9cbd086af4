"""A role says who may take it.

Why: a role that trusts everybody is taken by anybody who has any account at that cloud.
Clause: GB/T 22239-2019 8.1.4.2 a (rights belong to users who are known).
Fix: name the accounts or services in the role's trust policy.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_role_trusts_named",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 a"),),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("云角色只信任指明的主体", "Roles trust only whom they name"),
    remedy=Text(
        "在角色的信任策略中指明主体",
        "name the principals in the trust policy",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per role that anybody can take."""
    yield from unread(resource, "roles", "角色")
    for role in each(resource, "roles"):
        if role["trustsEverybody"]:
            yield Text(
                f"任何人都可扮演角色 {role['name']}", f"anybody can take role {role['name']}"
            )
