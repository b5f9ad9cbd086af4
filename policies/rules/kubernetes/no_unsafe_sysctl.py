"""A pod sets only those kernel parameters that cannot reach beyond it.

Why: a parameter that the kernel does not keep per pod changes the node for every system on it.
Clause: GB/T 22239-2019 8.2.4.3 a (isolation).
Fix: remove the parameter, or set it on the nodes as part of their baseline.
Waiver: the security administrator, for one workload.
"""

from collections.abc import Iterator

from hospital.manifest import name_of, pod_of
from hospital.rule import PODS, Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="no_unsafe_sysctl",
    clauses=(Clause("GB/T 22239-2019", "8.2.4.3 a"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=PODS,
    title=Text("不设置不安全的内核参数", "No unsafe kernel parameter is set"),
    remedy=Text(
        "删除该 sysctl，或将其纳入节点基线统一设置",
        "remove the sysctl, or set it on the nodes as part of their baseline",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

# What Kubernetes 1.32 and later call safe (Pod Security Standards, baseline).
SAFE = frozenset({
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
})  # fmt: skip


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per parameter; `net/ipv4/...` is the same as `net.ipv4....`."""
    item = resource.inputs["object"]
    for sysctl in pod_of(item).get("securityContext", {}).get("sysctls", ()):
        if sysctl["name"].replace("/", ".") not in SAFE:
            name, where = sysctl["name"], name_of(item)
            yield Text(f"{where} 设置不安全的内核参数 {name}", f"{where} sets unsafe sysctl {name}")
