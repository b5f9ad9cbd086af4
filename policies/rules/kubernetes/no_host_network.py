"""No pod uses its node's network as its own.

Why: such a pod sees the node's traffic and loopback services, and no NetworkPolicy reaches it.
Clause: GB/T 22239-2019 8.1.3.1 a (only through controlled interfaces), 8.1.3.2 a (deny by default).
Fix: remove `hostNetwork: true`, and let a Service lead to the pod.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, pod_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_host_network",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.1 a"), Clause("GB/T 22239-2019", "8.1.3.2 a")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("不使用宿主机网络", "No pod uses its node's network"),
    remedy=Text(
        "删除 hostNetwork: true，通过 Service 访问",
        "remove hostNetwork: true and let a Service lead to the pod",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the pod is on the node's network."""
    item = resource.inputs["object"]
    if pod_of(item).get("hostNetwork"):
        name = name_of(item)
        yield Text(f"{name} 使用宿主机网络", f"{name} uses the node's network (hostNetwork)")
