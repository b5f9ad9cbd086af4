"""No container can change its own root file system.

Why: an intruder who cannot write cannot leave a tool behind, nor replace the program that runs.
Clause: GB/T 22239-2019 8.1.4.2 f (control of files per process).
Fix: set `readOnlyRootFilesystem: true` in every container, and mount a volume where it must write.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import containers, name_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="root_file_system_read_only",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 f"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("容器根文件系统只读", "A container's root file system is read-only"),
    remedy=Text(
        "在每个容器中设置 readOnlyRootFilesystem: true，需写入的目录改为挂载卷",
        "set readOnlyRootFilesystem: true in every container; mount a volume where it must write",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container that may write to its root."""
    item = resource.inputs["object"]
    for container in containers(item):
        if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
            where = f"{name_of(item)}/{container['name']}"
            yield Text(f"容器 {where} 可写根文件系统", f"container {where} may write to its root")
