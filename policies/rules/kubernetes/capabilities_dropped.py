"""Every container drops all capabilities of the kernel.

Why: a container runtime grants a dozen by default, raw packets and change of owner among them; a
hospital's services need none.
Clause: GB/T 22239-2019 8.1.4.4 a (only what is needed).
Fix: set `capabilities: {drop: [ALL]}` in the security context of every container.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator
from typing import Any

from hospital.manifest import containers, name_of, writable_containers
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="capabilities_dropped",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 a"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("容器放弃全部内核能力", "Containers drop all capabilities"),
    remedy=Text(
        "在每个容器的 securityContext 中设置 capabilities: {drop: [ALL]}",
        "set capabilities: {drop: [ALL]} in the securityContext of every container",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container that keeps what the runtime grants; some are not all."""
    item = resource.inputs["object"]
    for container in containers(item):
        dropped = container.get("securityContext", {}).get("capabilities", {}).get("drop", ())
        if "ALL" not in dropped:
            where = f"{name_of(item)}/{container['name']}"
            yield Text(
                f"容器 {where} 未放弃全部内核能力（drop: [ALL]）",
                f"container {where} does not drop ALL capabilities",
            )


def fix(inputs: dict[str, Any]) -> None:
    """Drop all; what a container adds by name stays, and is another rule's matter."""
    for container in writable_containers(inputs["object"]):
        context = container.setdefault("securityContext", {})
        context.setdefault("capabilities", {})["drop"] = ["ALL"]
