"""No process of a container gains rights that its parent does not have.

Why: one set-user-id program in the image is enough to turn a plain user into root.
Clause: GB/T 22239-2019 8.1.4.2 f (control per process), 8.1.4.4 a (only what is needed).
Fix: set `allowPrivilegeEscalation: false` in the security context of every container; a pod's own
security context has no such field, so it cannot be said once for all.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator
from typing import Any

from hospital.manifest import containers, name_of, writable_containers
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_privilege_escalation",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 f"), Clause("GB/T 22239-2019", "8.1.4.4 a")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("容器内进程不得提升权限", "No process of a container gains rights"),
    remedy=Text(
        "在每个容器的 securityContext 中设置 allowPrivilegeEscalation: false",
        "set allowPrivilegeEscalation: false in the securityContext of every container",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container that does not say no; Kubernetes takes silence for yes."""
    item = resource.inputs["object"]
    for container in containers(item):
        if container.get("securityContext", {}).get("allowPrivilegeEscalation") is not False:
            where = f"{name_of(item)}/{container['name']}"
            yield Text(
                f"容器 {where} 未设置 allowPrivilegeEscalation: false",
                f"container {where} lacks allowPrivilegeEscalation: false",
            )


def fix(inputs: dict[str, Any]) -> None:
    """Say no in every container."""
    for container in writable_containers(inputs["object"]):
        container.setdefault("securityContext", {})["allowPrivilegeEscalation"] = False
