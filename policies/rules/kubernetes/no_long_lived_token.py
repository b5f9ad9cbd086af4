"""No Secret holds a service account's token that never ends.

Why: such a token is valid until somebody deletes the Secret; copied once, it works from anywhere.
Clause: GB/T 22239-2019 8.1.4.1 a (what proves an identity is changed regularly).
Fix: delete the Secret; use a projected token, or `kubectl create token`, which end by themselves.
Waiver: the security administrator, for one program outside the cluster, with an end date.
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_long_lived_token",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("Secret",),
    title=Text("不使用永久有效的服务账号令牌", "No token of a service account lives for ever"),
    remedy=Text(
        "删除该 Secret，改用有期限的投射令牌",
        "delete the Secret and use projected tokens, which end",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

TYPE = "kubernetes.io/service-account-token"
ACCOUNT = "kubernetes.io/service-account.name"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the Secret is such a token."""
    item = resource.inputs["object"]
    if item.get("type") == TYPE:
        whose = item.get("metadata", {}).get("annotations", {}).get(ACCOUNT, "?")
        name = name_of(item)
        yield Text(
            f"{name} 为服务账号 {whose} 的永久令牌",
            f"{name} is a token of service account {whose} without an end",
        )
