"""The runtime hides from every container what /proc tells of the node.

Why: an unmasked /proc shows the node's memory map and keys, and lets the kernel be reconfigured.
Clause: GB/T 22239-2019 8.2.4.3 a (isolation).
Fix: remove `procMount`, or set it to Default.
Waiver: the security administrator, for one workload (a builder of images, say).
"""

from collections.abc import Iterator

from hospital.manifest import containers, name_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="proc_stays_masked",
    clauses=(Clause("GB/T 22239-2019", "8.2.4.3 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("/proc 保持屏蔽", "/proc stays masked"),
    remedy=Text("删除 procMount，或设为 Default", "remove procMount, or set it to Default"),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container whose /proc is not the runtime's default."""
    item = resource.inputs["object"]
    for container in containers(item):
        mount = container.get("securityContext", {}).get("procMount", "Default")
        if mount != "Default":
            where = f"{name_of(item)}/{container['name']}"
            yield Text(f"容器 {where} 的 /proc 为 {mount}", f"/proc of {where} is {mount}")
