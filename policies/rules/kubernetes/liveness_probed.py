"""A container that hangs is noticed and started again.

Why: Kubernetes restarts by itself what ends, but not what lives on without doing anything.
Clause: GB/T 22239-2019 8.1.4.9 c (hot redundancy of important systems).
Fix: add a `livenessProbe` that asks the process alone, never its database. It is advisory because
a program may end by itself when it hangs, and a probe that is too strict does more harm than none.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.manifest import long_running, name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="liveness_probed",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.9 c"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.OBJECT,),
    objects=("Deployment", "StatefulSet", "DaemonSet"),
    title=Text("设置存活探针", "Liveness is probed"),
    remedy=Text(
        "为长期运行的容器设置只检查进程自身的 livenessProbe",
        "add a livenessProbe that asks the process alone to every long-running container",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per container whose hanging nobody would notice."""
    item = resource.inputs["object"]
    for container in long_running(item):
        if "livenessProbe" not in container:
            where = f"{name_of(item)}/{container['name']}"
            yield Text(f"容器 {where} 无存活探针", f"container {where} has no liveness probe")
