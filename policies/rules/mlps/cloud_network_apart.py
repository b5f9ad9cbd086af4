"""No cloud network spans the addresses of another site.

Why: a network of a cloud site takes the /16 around its ingress; a campus in the same range is then
unreachable from the cloud, or looks as if it were inside.
Clause: GB/T 22239-2019 8.1.2.1 c (each zone has addresses of its own).
Fix: address the cloud site, and so its network, apart from every campus.
Waiver: nobody.
"""

from collections.abc import Iterator
from ipaddress import ip_network

from hospital.addresses import host_of, literal
from hospital.rule import Clause, Facts, Kind, Level, Plain, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import sites

RULE = Rule(
    id="cloud_network_apart",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 c"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.NETWORK,),
    scope=Scope.ESTATE,
    title=Text("云网络不与其他站点地址重叠", "A cloud network is apart from other sites"),
    remedy=Text(
        "云站点使用与各院区不重叠的地址段",
        "address the cloud site apart from every campus",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per other site with an address inside, which is named."""
    inputs = resource.inputs
    network = ip_network(inputs["cidr"], strict=False)
    for name, site in sites(facts).items():
        own = (site["region"], site["endpoints"].get("cloud", ""))
        if own == (inputs["region"], inputs["endpoint"]):
            continue
        found = next((host for host in _hosts(site) if literal(host) in network), None)
        if found:
            zh = f"网络 {network} 包含站点 {name} 的地址 {found}"
            yield Text(zh, f"{network} spans {found} of site {name}")


def _hosts(site: Plain) -> list[str]:
    """The literal addresses of a site, in one order, whatever order a map comes in."""
    endpoints = [host_of(each) for key, each in sorted(site["endpoints"].items()) if key != "cloud"]
    hosts = [host["address"] for host in site.get("hosts", ())]
    return [host for host in (*endpoints, *hosts) if literal(host) is not None]
