"""No role of the whole cluster reads Secrets.

Why: it opens every workload's database password and certificate key at once, whichever system and
grade they belong to. `list` and `watch` return the contents as `get` does.
Clause: GB/T 22239-2019 8.1.4.2 d (least rights), 8.1.4.2 f (granularity of access control).
Fix: a Role in each namespace that needs it, or `resourceNames` with the Secrets that are meant.
Waiver: the security administrator, for one component that must serve all namespaces.
"""

from collections.abc import Iterator

from hospital.grants import READ, granted
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="role_reads_no_secrets",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"), Clause("GB/T 22239-2019", "8.1.4.2 f")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.OBJECT,),
    objects=("ClusterRole",),
    title=Text("集群角色不得读取全部密钥", "No role of the whole cluster reads Secrets"),
    remedy=Text(
        "改用命名空间内的 Role，或以 resourceNames 列出所需 Secret",
        "use a Role in the namespace, or list the Secrets in resourceNames",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per rule that opens Secrets without naming them."""
    item = resource.inputs["object"]
    for _, verbs in granted(item, {"secrets"}, READ, listed=False):
        name = name_of(item)
        yield Text(
            f"集群角色 {name} 可对全部 Secret 执行 {verbs}",
            f"cluster role {name} may {verbs} every Secret",
        )
