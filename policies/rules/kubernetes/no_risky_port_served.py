"""No database and no means of administration is served outside the cluster.

Why: these ports are what is scanned for first, and what stands behind them holds the data or runs
commands. A NodePort opens them on every node, whatever number it shows outside.
Clause: GB/T 22239-2019 8.1.4.4 b (high-risk ports are closed).
Fix: make the Service ClusterIP; come to it through the bastion or the application.
Waiver: the security administrator, for one workload and a narrow list of senders.
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_risky_port_served",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 b"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("Service",),
    title=Text("不对外开放高危端口", "No high-risk port is served outside the cluster"),
    remedy=Text(
        "Service 改为 ClusterIP，经堡垒机或应用访问",
        "make the Service ClusterIP; come to it by the bastion or the application",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

RISKY = {
    21: "FTP", 22: "SSH", 23: "Telnet", 135: "RPC", 137: "NetBIOS", 138: "NetBIOS", 139: "NetBIOS",
    445: "SMB", 1433: "SQL Server", 1521: "Oracle", 2375: "Docker", 2379: "etcd", 3306: "MySQL",
    3389: "RDP", 5236: "DM", 5432: "PostgreSQL", 6379: "Redis", 9200: "Elasticsearch",
    10250: "kubelet", 10255: "kubelet", 11211: "memcached", 27017: "MongoDB", 54321: "KingbaseES",
}  # fmt: skip


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per port that is risky in the Service or in the pod behind it."""
    item = resource.inputs["object"]
    spec = item.get("spec", {})
    if spec.get("type") not in ("NodePort", "LoadBalancer"):
        return
    for port in spec.get("ports", ()):
        risky = [one for one in (port["port"], port.get("targetPort")) if one in RISKY]
        if risky:
            name, what = name_of(item), f"{risky[0]} ({RISKY[risky[0]]})"
            yield Text(f"{name} 对外开放 {what}", f"{name} serves {what} outside the cluster")
