"""A node's credentials reach that node's pods and no others.

Why: whoever takes over one node holds its kubelet's certificate. Without the Node authorizer and
NodeRestriction it reads every Secret, or labels itself into a zone where it does not belong.
Clause: GB/T 22239-2019 8.1.4.2 d (least rights), 8.1.4.2 f (granularity of access control).
Fix: `--authorization-mode=Node,RBAC` and `--enable-admission-plugins=NodeRestriction`.
Waiver: nobody. The hub has no nodes and is not asked.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, is_hub, listed, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="kubelet_confined_to_its_node",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"), Clause("GB/T 22239-2019", "8.1.4.2 f")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.CLUSTER,),
    title=Text("节点凭据仅限本节点", "A node's credentials reach that node only"),
    remedy=Text(
        "启用 Node 授权与 NodeRestriction 准入插件",
        "turn on the Node authorizer and the plugin NodeRestriction",
    ),
)

NEEDED = (("authorization-mode", "Node"), ("enable-admission-plugins", "NodeRestriction"))


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per half of the fence that is missing."""
    if is_hub(resource):
        return
    for name, item in NEEDED:
        value = flag(resource, name)
        if value is None:
            yield unread(name)
        elif item not in listed(value):
            yield Text(f"{name} 不含 {item}", f"{name} does not hold {item}")
