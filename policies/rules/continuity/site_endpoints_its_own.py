"""No two sites share an endpoint.

Why: a standby whose API server, name server, hub member or ingress is the other site's is lost with
it; a declaration copied from the neighbour looks complete and is not.
Clause: GB/T 20988-2025, standby processing system and standby network; GB/T 22239-2019 8.1.2.1 e.
Fix: write the site's own endpoints.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import sites

RULE = Rule(
    id="site_endpoints_its_own",
    clauses=(
        Clause("GB/T 20988-2025", "备用数据处理系统"),
        Clause("GB/T 20988-2025", "备用网络系统"),
        Clause("GB/T 22239-2019", "8.1.2.1 e"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE,),
    scope=Scope.ESTATE,
    title=Text("各站点端点相互独立", "No two sites share an endpoint"),
    remedy=Text("为站点填写其自身的端点", "write the site's own endpoints"),
)

OWN = ("kubernetes", "hub", "etcd", "dns", "ingress")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per endpoint that another site has too, told at the later name of the two."""
    site = resource.inputs["site"]
    for other in sites(facts).values():
        for kind in OWN if other["name"] < site["name"] else ():
            value = site["endpoints"].get(kind, "")
            if value and value == other["endpoints"].get(kind, ""):
                yield Text(
                    f"端点 {kind}（{value}）与站点 {other['name']} 相同",
                    f"endpoint {kind} ({value}) is also that of {other['name']}",
                )
