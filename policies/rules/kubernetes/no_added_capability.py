"""No container is given a capability, but for that of listening on a low port.

Why: SYS_ADMIN, NET_ADMIN, SYS_PTRACE and their like are each a piece of root on the node.
Clause: GB/T 22239-2019 8.1.4.4 a (only what is needed), 8.2.4.3 a (isolation).
Fix: remove `capabilities.add`; to listen below 1024 NET_BIND_SERVICE is enough.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import containers, name_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_added_capability",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 a"), Clause("GB/T 22239-2019", "8.2.4.3 a")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("不添加内核能力", "No capability is added"),
    remedy=Text(
        "删除 capabilities.add 中 NET_BIND_SERVICE 以外的能力",
        "remove all but NET_BIND_SERVICE from capabilities.add",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

HARMLESS = "NET_BIND_SERVICE"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container and capability."""
    item = resource.inputs["object"]
    for container in containers(item):
        added = container.get("securityContext", {}).get("capabilities", {}).get("add", ())
        for capability in added:
            if capability != HARMLESS:
                where = f"{name_of(item)}/{container['name']}"
                yield Text(
                    f"容器 {where} 添加了内核能力 {capability}",
                    f"container {where} adds capability {capability}",
                )
