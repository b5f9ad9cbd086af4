"""No container runs as root.

Why: root in a container is root of the node's kernel as soon as one wall of the container gives.
Clause: GB/T 22239-2019 8.1.4.2 f (control per user and process).
Fix: set `runAsNonRoot: true`, or a `runAsUser` above 0, for the pod or for each container; what a
container says of itself counts before what its pod says.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import containers, context, name_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="runs_as_non_root",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 f"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("容器不以 root 运行", "No container runs as root"),
    remedy=Text(
        "设置 runAsNonRoot: true 或大于 0 的 runAsUser",
        "set runAsNonRoot: true, or a runAsUser above 0",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container that is root, or that its image may make root."""
    item = resource.inputs["object"]
    for container in containers(item):
        where, in_force = f"{name_of(item)}/{container['name']}", context(item, container)
        user = in_force.get("runAsUser")
        if user == 0:
            # With runAsNonRoot it would not even start.
            yield Text(f"容器 {where} 以用户 0 运行", f"container {where} runs as user 0")
        elif user is None and in_force.get("runAsNonRoot") is not True:
            yield Text(
                f"容器 {where} 可能以 root 运行：runAsNonRoot 与 runAsUser 均未生效",
                f"container {where} may run as root: neither runAsNonRoot nor runAsUser is set",
            )
