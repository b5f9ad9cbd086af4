"""A cloud network uses private addresses.

Why: public addresses inside belong to somebody else: their true owners cannot be reached any more,
and one wrong route sends patients' data to them.
Clause: GB/T 22239-2019 8.1.2.1 c (addresses are assigned to zones); RFC 1918. Advisory: a range may
be the hospital's own.
Fix: choose a range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16. The network is the /16 around
the ingress that the cloud site declares.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator
from ipaddress import ip_network

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="network_private_range",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 c"), Clause("RFC 1918", "3")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.NETWORK,),
    title=Text("云网络使用私有地址段", "A cloud network uses private addresses"),
    remedy=Text(
        "改用 RFC 1918 私有地址段",
        "choose a private range; a cloud site's ingress decides it",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the range is routed on the Internet."""
    network = ip_network(resource.inputs["cidr"], strict=False)
    if network.is_global:
        yield Text(f"网络 {network} 为公网地址段", f"{network} is a public range")
