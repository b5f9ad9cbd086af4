"""The API server asks RBAC, and nothing that lets everybody through.

Why: modes are asked in turn and one "yes" suffices, so `AlwaysAllow` beside RBAC makes every role
void; `ABAC` is a file on the server that no audit of roles sees.
Clause: GB/T 22239-2019 8.1.4.2 a (rights are given to accounts), 8.1.4.2 d, 8.1.4.2 f.
Fix: `--authorization-mode=Node,RBAC`; the same types in a file of `--authorization-config`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, listed, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="apiserver_authorizes_by_role",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.2 a"),
        Clause("GB/T 22239-2019", "8.1.4.2 d"),
        Clause("GB/T 22239-2019", "8.1.4.2 f"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.CLUSTER,),
    title=Text("API 服务器按角色授权", "The API server authorizes by role"),
    remedy=Text(
        "设置 --authorization-mode=Node,RBAC",
        "set --authorization-mode=Node,RBAC",
    ),
)

CARELESS = ("AlwaysAllow", "ABAC")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per careless mode, and one without RBAC or if the modes stand elsewhere."""
    value = flag(resource, "authorization-mode")
    if value is None or flag(resource, "authorization-config"):
        yield unread("authorization-mode")
        return
    modes = listed(value)
    for mode in sorted(set(CARELESS).intersection(modes)):
        yield Text(f"授权模式含 {mode}", f"authorization mode {mode} is on")
    if "RBAC" not in modes:
        yield Text("授权模式不含 RBAC", "authorization mode RBAC is off")
