"""No container sees processes that are not its own.

Why: who sees a process can read its environment and, with the same user, its memory and files; on
the node that is every system it runs, within a pod it is what a sidecar was kept apart for.
Clause: GB/T 22239-2019 8.1.4.4 b (no needless sharing), 8.2.4.3 a (isolation).
Fix: remove `hostPID`, `hostIPC` and `shareProcessNamespace`.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, pod_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_host_process_namespace",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 b"), Clause("GB/T 22239-2019", "8.2.4.3 a")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("不共享进程命名空间", "No container shares a process namespace"),
    remedy=Text(
        "删除 hostPID、hostIPC 与 shareProcessNamespace",
        "remove hostPID, hostIPC and shareProcessNamespace",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

SHARED = {
    "hostPID": Text("与宿主机共享进程", "shares the node's processes"),
    "hostIPC": Text("与宿主机共享进程间通信", "shares the node's inter-process communication"),
    "shareProcessNamespace": Text("各容器互见进程", "lets its containers see each other"),
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per namespace that is shared."""
    item = resource.inputs["object"]
    pod, name = pod_of(item), name_of(item)
    for field, what in SHARED.items():
        if pod.get(field):
            yield Text(f"{name} {what.zh}（{field}）", f"{name} {what.en} ({field})")
