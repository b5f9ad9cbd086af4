"""No database host has a public address.

Why: what the Internet routes to is scanned within minutes; patient data belong behind a border.
Clause: GB/T 22239-2019 8.1.2.1 d (important zones are not at the border), 8.1.3.1 a.
Fix: give the host a private address, and reach it over the hospital's own lines.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.addresses import is_public
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_host_not_public",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 d"), Clause("GB/T 22239-2019", "8.1.3.1 a")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.SITE,),
    title=Text("数据库主机不使用公网地址", "A database host has no public address"),
    remedy=Text("改用内网地址，经院内线路访问", "give the host a private address"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database host that the Internet routes to."""
    for host in resource.inputs["site"].get("hosts", ()):
        name, address = host["name"], host["address"]
        if "database" in host["roles"] and is_public(address):
            yield Text(
                f"数据库主机 {name} 使用公网地址 {address}",
                f"database host {name} has the public address {address}",
            )
