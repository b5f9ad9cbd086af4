"""No role reaches the kubelet through the API server.

Why: `nodes/proxy` runs commands in every pod of a node, past admission and past the audit record of
`exec`; reading is enough, for the kubelet opens a shell by GET.
Clause: GB/T 22239-2019 8.1.4.2 d (least rights), 8.1.4.3 a (every user's acts are audited).
Fix: remove it; for metrics give `nodes/metrics` or `nodes/stats`.
Waiver: the security administrator, for a monitor that has no other way.
"""

from collections.abc import Iterator

from hospital.grants import READ, WRITE, granted
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="role_no_node_proxy",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"), Clause("GB/T 22239-2019", "8.1.4.3 a")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.OBJECT,),
    objects=("ClusterRole",),
    title=Text("角色不得代理访问 kubelet", "No role reaches the kubelet through the API server"),
    remedy=Text(
        "删除 nodes/proxy；采集指标改用 nodes/metrics 或 nodes/stats",
        "remove nodes/proxy; for metrics give nodes/metrics or nodes/stats",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per rule that gives it, with whatever verb."""
    item = resource.inputs["object"]
    for _, verbs in granted(item, {"nodes/proxy"}, READ | WRITE):
        name = name_of(item)
        yield Text(
            f"集群角色 {name} 可 {verbs} nodes/proxy",
            f"cluster role {name} may {verbs} nodes/proxy",
        )
