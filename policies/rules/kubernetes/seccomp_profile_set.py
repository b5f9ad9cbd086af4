"""A seccomp profile filters the system calls of every container.

Why: most escapes from a container go through a rare system call that no hospital service makes.
Clause: GB/T 22239-2019 8.1.4.2 f (control per process), 8.1.4.4 a (only what is needed).
Fix: set `seccompProfile: {type: RuntimeDefault}` for the pod; without it Kubernetes filters nothing
unless the node's kubelet was told to.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator
from typing import Any

from hospital.manifest import containers, context, name_of, writable_pod
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="seccomp_profile_set",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 f"), Clause("GB/T 22239-2019", "8.1.4.4 a")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("容器启用 seccomp 系统调用过滤", "A seccomp profile filters system calls"),
    remedy=Text(
        "为 Pod 设置 seccompProfile: {type: RuntimeDefault}，容器不得改为 Unconfined",
        "set seccompProfile: {type: RuntimeDefault} for the pod; no container may undo it",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

FILTERS = ("RuntimeDefault", "Localhost")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container without a filter in force."""
    item = resource.inputs["object"]
    for container in containers(item):
        said = context(item, container).get("seccompProfile", {}).get("type")
        if said not in FILTERS:
            where = f"{name_of(item)}/{container['name']}"
            yield Text(
                f"容器 {where} 无 seccomp 过滤（{said or '未设置'}）",
                f"container {where} has no seccomp filter ({said or 'unset'})",
            )


def fix(inputs: dict[str, Any]) -> None:
    """The runtime's profile for the pod; a container's own stays, and is still found."""
    pod = writable_pod(inputs["object"])
    pod.setdefault("securityContext", {}).setdefault("seccompProfile", {"type": "RuntimeDefault"})
