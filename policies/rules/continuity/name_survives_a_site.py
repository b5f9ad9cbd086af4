"""A workload's name is held by name servers of two failure domains.

Why: a failover that moves everything and cannot say where to is no failover; a name that only the
lost site answers is lost with it.
Clause: GB/T 20988-2025, standby network (names are ready at the standby).
Fix: list the DNS servers of all sites in `servers`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import sites

RULE = Rule(
    id="name_survives_a_site",
    clauses=(Clause("GB/T 20988-2025", "备用网络系统"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.NAME,),
    scope=Scope.ESTATE,
    title=Text("域名由两个故障域的服务器解析", "A name is answered in two failure domains"),
    remedy=Text(
        "servers 列出全部站点的 DNS 服务器", "list the DNS servers of all sites in servers"
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when one failure domain holds every server of the name."""
    servers, known = resource.inputs["servers"], sites(facts).values()
    holding = {site["failureDomain"] for site in known if site["endpoints"]["dns"] in servers}
    if len({site["failureDomain"] for site in known}) > 1 and len(holding) < 2:
        where = ", ".join(sorted(holding)) or "-"
        yield Text(
            f"{resource.name} 仅由故障域 {where} 的服务器解析",
            f"{resource.name} is answered only in failure domain {where}",
        )
