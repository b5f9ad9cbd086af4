"""Machines in the cloud have no address of their own on the Internet.

Why: what has one is reached past the border, its firewall and its records.
Clause: GB/T 22239-2019 8.1.2.1 d, 8.1.3.1 a.
Fix: serve through the load balancer; let subnets give no public addresses.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_no_public_address",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.2.1 d"),
        Clause("GB/T 22239-2019", "8.1.3.1 a"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ACCOUNT,),
    title=Text("云主机没有公网地址", "Machines have no public address"),
    remedy=Text(
        "经负载均衡对外服务，子网不自动分配公网地址",
        "serve through the balancer; no public addresses in subnets",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per machine with such an address, and per subnet that gives one to each."""
    yield from unread(resource, "machines", "云主机")
    yield from unread(resource, "subnets", "子网")
    for machine in each(resource, "machines"):
        if machine["publicAddress"]:
            name, at = machine["id"], machine["publicAddress"]
            yield Text(f"云主机 {name} 有公网地址 {at}", f"machine {name} answers at {at}")
    for subnet in each(resource, "subnets"):
        if subnet["publicAddresses"]:
            name = subnet["name"]
            yield Text(f"子网 {name} 自动分配公网地址", f"subnet {name} gives public addresses")
