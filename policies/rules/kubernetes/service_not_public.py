"""No Service gets an address on the Internet by itself.

Why: every cloud gives a LoadBalancer a public address unless it is told not to, and the traffic
then comes in beside the hospital's firewall.
Clause: GB/T 22239-2019 8.1.3.1 a (only through controlled interfaces), 8.1.2.1 d (zones).
Fix: set the cloud's annotation for an internal load balancer; publish through the ingress.
Waiver: the security administrator, for the Service of the ingress itself, or where the load
balancer is the hospital's own and its addresses are private.
"""

import re
from collections.abc import Iterator

from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="service_not_public",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.1 a"), Clause("GB/T 22239-2019", "8.1.2.1 d")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("Service",),
    title=Text("负载均衡不得为公网类型", "No Service gets a public address by itself"),
    remedy=Text(
        "设置云厂商的内网负载均衡注解，对外统一经入口网关发布",
        "set the cloud's annotation for an internal load balancer; publish by the ingress",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

BETA = "service.beta.kubernetes.io/"
INTERNAL = {
    f"{BETA}alibaba-cloud-loadbalancer-address-type": r"intranet",
    f"{BETA}alicloud-loadbalancer-address-type": r"intranet",
    "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid": r".+",  # Tencent Cloud
    "kubernetes.io/elb.autocreate": r'\{.*"type"\s*:\s*"inner".*\}',  # Huawei Cloud
    f"{BETA}aws-load-balancer-scheme": r"internal",
    f"{BETA}aws-load-balancer-internal": r"true|0\.0\.0\.0/0",
    f"{BETA}azure-load-balancer-internal": r"true",
    f"{BETA}openstack-internal-load-balancer": r"true",
    "networking.gke.io/load-balancer-type": r"Internal",
    "cloud.google.com/load-balancer-type": r"Internal",
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if no annotation keeps the load balancer inside."""
    item = resource.inputs["object"]
    notes = item.get("metadata", {}).get("annotations", {})
    inside = (re.fullmatch(INTERNAL[key], str(notes.get(key, "")), re.DOTALL) for key in INTERNAL)
    if item.get("spec", {}).get("type") == "LoadBalancer" and not any(inside):
        name = name_of(item)
        yield Text(f"{name} 使用公网负载均衡", f"{name} has a public load balancer")
