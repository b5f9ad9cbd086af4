"""The subnets of a cloud network lie in it, and none overlaps another.

Why: zones are told apart by their addresses; where two share some, no filter can tell them apart.
Clause: GB/T 22239-2019 8.1.2.1 c (each zone has addresses of its own).
Fix: give every subnet a range of its own inside the network's.
Waiver: nobody.
"""

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="subnets_apart",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 c"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.NETWORK,),
    title=Text("子网互不重叠", "Subnets do not overlap"),
    remedy=Text(
        "为每个子网分配网络内互不重叠的地址段",
        "give every subnet a range of its own inside the network",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per subnet outside of the network, and one per pair that overlaps."""
    network = IPv4Network(resource.inputs["cidr"], strict=False)
    subnets = {
        zone: IPv4Network(block, strict=False)
        for zone, block in sorted(resource.inputs["subnets"].items())
    }
    for zone, block in subnets.items():
        if not block.subnet_of(network):
            yield Text(
                f"子网 {zone}（{block}）不在 {network} 内", f"{zone} ({block}) is not in {network}"
            )
    for (one, first), (other, second) in combinations(subnets.items(), 2):
        if first.overlaps(second):
            yield Text(
                f"子网 {one}（{first}）与 {other}（{second}）重叠",
                f"{one} ({first}) overlaps {other} ({second})",
            )
