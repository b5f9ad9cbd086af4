"""No host is edge and database at once.

Why: the edge is where clients, and attackers, arrive; a database on the same machine, or at the
address to which clients are sent, is one flaw away from them.
Clause: GB/T 22239-2019 8.1.2.1 d (important zones are not at the border).
Fix: put the database on a host of its own.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_host_not_at_the_edge",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 d"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE,),
    title=Text("数据库主机不在网络边界", "A database host is not at the edge"),
    remedy=Text("数据库使用独立主机", "put the database on a host of its own"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database host that is the edge, by role or by address."""
    site = resource.inputs["site"]
    for host in site.get("hosts", ()):
        exposed = "edge" in host["roles"] or host["address"] == site["endpoints"]["ingress"]
        if exposed and "database" in host["roles"]:
            name = host["name"]
            yield Text(f"数据库主机 {name} 同时是入口", f"database host {name} is the edge as well")
