"""Every container that serves says when it can.

Why: without a readiness probe a replica gets requests as soon as it has started, and keeps getting
them when it no longer answers; the second replica is then no help.
Clause: GB/T 22239-2019 8.1.4.9 c (hot redundancy of important systems).
Fix: add a `readinessProbe` that asks what the service really needs to answer.
Waiver: the system administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import long_running, name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="readiness_probed",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.9 c"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=("Deployment", "StatefulSet", "DaemonSet"),
    title=Text("设置就绪探针", "Readiness is probed"),
    remedy=Text(
        "为每个长期运行的容器设置 readinessProbe",
        "add a readinessProbe to every long-running container",
    ),
    waived_by=Text("系统管理员", "the system administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container that nobody asks."""
    item = resource.inputs["object"]
    for container in long_running(item):
        if "readinessProbe" not in container:
            where = f"{name_of(item)}/{container['name']}"
            yield Text(f"容器 {where} 无就绪探针", f"container {where} has no readiness probe")
