"""Every container has a memory limit that holds at least what it requests.

Why: memory is not shared out as CPU is: one system that leaks takes its node's other systems along.
Clause: GB/T 22239-2019 8.2.4.3 a (isolation of resources).
Fix: set `resources.limits.memory`, not below `resources.requests.memory`.
Waiver: the system administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, pod_of, quantity
from hospital.rule import PODS, Clause, Facts, Kind, Level, Plain, Resource, Rule, Severity, Text

RULE = Rule(
    id="memory_limited",
    clauses=(Clause("GB/T 22239-2019", "8.2.4.3 a"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("内存设有上限", "Memory is limited"),
    remedy=Text(
        "设置 resources.limits.memory，且不低于内存请求",
        "set resources.limits.memory, not below the memory request",
    ),
    waived_by=Text("系统管理员", "the system administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container; a limit of the whole pod holds it too. Ephemeral ones have none."""
    item = resource.inputs["object"]
    pod = pod_of(item)
    for container in (*pod.get("initContainers", ()), *pod.get("containers", ())):
        where = f"{name_of(item)}/{container['name']}"
        limit = _memory(container, "limits") or _memory(pod, "limits") or "0"
        request = _memory(container, "requests") or "0"
        if quantity(limit) <= 0:
            yield Text(f"容器 {where} 未设内存上限", f"container {where} has no memory limit")
        elif quantity(limit) < quantity(request):
            yield Text(
                f"容器 {where} 的内存上限 {limit} 低于请求 {request}",
                f"container {where} is limited to {limit} of memory and requests {request}",
            )


def _memory(holder: Plain, bound: str) -> str:
    return str(holder.get("resources", {}).get(bound, {}).get("memory", ""))
