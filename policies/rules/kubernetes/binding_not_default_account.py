"""No right is bound to a namespace's default service account.

Why: every pod that names no account runs as `default`, so a right given to it is given to whatever
comes later, and several programs share one identity.
Clause: GB/T 22239-2019 8.1.4.2 b (default accounts), 8.1.4.2 c (no shared account).
Fix: make a service account for the program and bind the role to that.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.grants import BINDINGS
from hospital.manifest import name_of, namespace_of
from hospital.rule import Clause, Facts, Kind, Level, Plain, Resource, Rule, Severity, Text

RULE = Rule(
    id="binding_not_default_account",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 b"), Clause("GB/T 22239-2019", "8.1.4.2 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=BINDINGS,
    title=Text("不向默认服务账号授权", "No right is bound to a default service account"),
    remedy=Text(
        "为该程序创建专用 ServiceAccount 并绑定",
        "make a service account for the program and bind the role to it",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

PREFIX = "system:serviceaccount:"  # of the user name that an account has


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per default account, by its own name or by its user name."""
    item = resource.inputs["object"]
    for subject in item.get("subjects", ()):
        namespace, account = _account(subject, namespace_of(item))
        if account == "default":
            name, who = name_of(item), f"{namespace}/default"
            yield Text(f"{name} 向默认服务账号 {who} 授权", f"{name} gives rights to {who}")


def _account(subject: Plain, here: str) -> tuple[str, str]:
    if subject.get("kind") == "ServiceAccount":
        return subject.get("namespace", here), subject["name"]
    if subject.get("kind") == "User" and subject["name"].startswith(PREFIX):
        namespace, _, account = subject["name"].removeprefix(PREFIX).partition(":")
        return namespace, account
    return "", ""
