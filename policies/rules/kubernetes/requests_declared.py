"""Every container declares the CPU and memory that it needs.

Why: the scheduler, the quota and Xinglin's own plan of a failover count requests: who asks for
nothing is placed where there is no room, and is the first to be evicted.
Clause: GB/T 22239-2019 8.2.5.1 a (resources allocated by plan); GB/T 20988-2025, standby capacity.
Fix: set `resources.requests` with `cpu` and `memory`; a limit alone is taken as the request.
Waiver: the system administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, pod_of, quantity
from hospital.rule import PODS, Clause, Facts, Kind, Level, Plain, Resource, Rule, Severity, Text

RULE = Rule(
    id="requests_declared",
    clauses=(
        Clause("GB/T 22239-2019", "8.2.5.1 a"),
        Clause("GB/T 20988-2025", "备用数据处理系统"),
    ),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("声明所需 CPU 与内存", "CPU and memory needs are declared"),
    remedy=Text(
        "为每个容器设置 resources.requests 的 cpu 与 memory",
        "set cpu and memory in resources.requests of every container",
    ),
    waived_by=Text("系统管理员", "the system administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container and resource; ephemeral ones cannot ask for any."""
    item = resource.inputs["object"]
    pod = pod_of(item)
    for container in (*pod.get("initContainers", ()), *pod.get("containers", ())):
        asked = {**_asked(pod), **_asked(container)}
        for what, zh in (("cpu", "CPU"), ("memory", "内存")):
            if quantity(asked.get(what, 0)) <= 0:
                where = f"{name_of(item)}/{container['name']}"
                yield Text(f"容器 {where} 未声明{zh}请求", f"container {where} requests no {what}")


def _asked(holder: Plain) -> Plain:
    """What a pod or container asks for; Kubernetes takes a limit for a request that is absent."""
    resources = holder.get("resources", {})
    return {**resources.get("limits", {}), **resources.get("requests", {})}
