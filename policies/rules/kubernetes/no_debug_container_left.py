"""No pod still holds a debug container.

Why: `kubectl debug` brings a shell and its tools into a pod that patients depend on; it
cannot be taken out again, only a new pod is without it.
Clause: GB/T 22239-2019 8.1.4.4 a (only what is needed), 8.1.10.6 (operations under control).
Fix: delete the pod when the search is over. It is advisory because the search may be going on.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, pod_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_debug_container_left",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 a"), Clause("GB/T 22239-2019", "8.1.10.6")),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.OBJECT,),
    objects=("Pod",),  # in no other kind does Kubernetes take them
    title=Text("不遗留调试容器", "No debug container is left"),
    remedy=Text("排查结束后删除该 Pod", "delete the pod when the search is over"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per ephemeral container, ended or not."""
    item = resource.inputs["object"]
    for container in pod_of(item).get("ephemeralContainers", ()):
        where = f"{name_of(item)}/{container['name']}"
        yield Text(f"遗留调试容器 {where}", f"debug container {where} is left")
