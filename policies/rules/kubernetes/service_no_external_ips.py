"""No Service claims addresses of its own choosing.

Why: `externalIPs` makes every node take traffic for that address, whoever owns it: a tenant can
draw another system's connections to itself (CVE-2020-8554).
Clause: GB/T 22239-2019 8.1.3.1 a (traffic crosses a boundary only through controlled interfaces).
Fix: remove `externalIPs`; publish through the ingress or an internal load balancer.
Waiver: the security administrator, for one workload and addresses that are its own.
"""

from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="service_no_external_ips",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("Service",),
    title=Text("服务不得自行声明外部地址", "No Service claims external addresses"),
    remedy=Text(
        "删除 externalIPs，经入口网关或内网负载均衡发布",
        "remove externalIPs; publish by the ingress or an internal load balancer",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per address."""
    item = resource.inputs["object"]
    for address in item.get("spec", {}).get("externalIPs", ()):
        name = name_of(item)
        yield Text(f"{name} 声明外部地址 {address}", f"{name} claims the address {address}")
