"""No container takes a port of its node.

Why: it listens on the node's address beside every Service and firewall rule that were declared, and
a node has each port once, so a second pod cannot start there when a site must take over.
Clause: GB/T 22239-2019 8.1.3.1 a (only through controlled interfaces), 8.1.4.4 b (ports).
Fix: remove `hostPort` and let a Service lead to the pod.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import containers, name_of, pod_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_host_port",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.1 a"), Clause("GB/T 22239-2019", "8.1.4.4 b")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("不占用宿主机端口", "No container takes a port of its node"),
    remedy=Text(
        "删除 hostPort，通过 Service 访问", "remove hostPort and let a Service lead to the pod"
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per port."""
    item = resource.inputs["object"]
    if pod_of(item).get("hostNetwork"):
        return  # Kubernetes fills in each hostPort then: the one fact is no_host_network's
    for container in containers(item):
        for port in container.get("ports", ()):
            if port.get("hostPort"):
                where, taken = f"{name_of(item)}/{container['name']}", port["hostPort"]
                yield Text(
                    f"容器 {where} 占用宿主机端口 {taken}",
                    f"container {where} takes port {taken} of its node",
                )
