"""No pod mounts a directory of its node.

Why: a path of the node leads to the kubelet's keys, the runtime's socket and other systems' data,
and it stays behind when the pod moves to another node.
Clause: GB/T 22239-2019 8.1.4.4 b (no needless sharing), 8.2.4.3 a (isolation).
Fix: use a PersistentVolumeClaim, a ConfigMap, a Secret or an emptyDir.
Waiver: the security administrator, for one workload (a collector of the node's logs, say).
"""

from collections.abc import Iterator

from hospital.manifest import name_of, pod_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_host_path",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 b"), Clause("GB/T 22239-2019", "8.2.4.3 a")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("不挂载宿主机目录", "No pod mounts its node's directories"),
    remedy=Text(
        "将 hostPath 卷改为 PersistentVolumeClaim、ConfigMap、Secret 或 emptyDir",
        "replace hostPath by a PersistentVolumeClaim, ConfigMap, Secret or emptyDir",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per volume that is a path of the node, mounted or not."""
    item = resource.inputs["object"]
    for volume in pod_of(item).get("volumes", ()):
        if "hostPath" in volume:
            where, path = f"{name_of(item)}/{volume['name']}", volume["hostPath"].get("path", "?")
            yield Text(f"卷 {where} 挂载宿主机 {path}", f"volume {where} is {path} of the node")
