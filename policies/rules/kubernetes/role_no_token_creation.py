"""No role makes tokens of whatever service account it likes.

Why: whoever can ask for a token is every account in its reach, and the audit record then names the
account, not the person.
Clause: GB/T 22239-2019 8.1.4.1 a (one identity is one user), 8.1.4.2 d (least rights).
Fix: let pods have their own projected token; else list the accounts in `resourceNames`.
Waiver: the security administrator, for a component that vouches for others.
"""

from collections.abc import Iterator

from hospital.grants import ROLES, granted
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="role_no_token_creation",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"), Clause("GB/T 22239-2019", "8.1.4.2 d")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=ROLES,
    title=Text("角色不得签发任意服务账号令牌", "No role makes tokens of any account"),
    remedy=Text(
        "改用投射令牌，或以 resourceNames 列出允许的服务账号",
        "use projected tokens, or list the accounts in resourceNames",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per rule that makes tokens of accounts that it does not list."""
    item = resource.inputs["object"]
    for _ in granted(item, {"serviceaccounts/token"}, {"create"}, listed=False):
        name = name_of(item)
        yield Text(
            f"角色 {name} 可为任意服务账号签发令牌",
            f"role {name} may create a token of any service account",
        )
