"""What serves is given time to stop.

Why: with no grace at all the process is killed in the middle of a request, and in every rolling
update and planned switchover; a StatefulSet may even start its successor beside it.
Clause: GB/T 22239-2019 8.1.4.9 c (hot redundancy of important systems).
Fix: remove `terminationGracePeriodSeconds: 0`, and end on SIGTERM. It is advisory because a program
that is safe when killed (a node's agent, say) loses nothing by it.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, pod_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="stops_gracefully",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.9 c"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.OBJECT,),
    objects=("Deployment", "StatefulSet", "DaemonSet"),
    title=Text("停止前留有宽限时间", "What serves is given time to stop"),
    remedy=Text(
        "将 terminationGracePeriodSeconds 设为大于 0，并在收到 SIGTERM 后有序退出",
        "set terminationGracePeriodSeconds above 0 and end in order on SIGTERM",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if there is no grace; silence means 30 s."""
    item = resource.inputs["object"]
    if pod_of(item).get("terminationGracePeriodSeconds", 30) <= 0:
        name = name_of(item)
        yield Text(f"{name} 停止时无宽限时间", f"{name} is killed without grace")
