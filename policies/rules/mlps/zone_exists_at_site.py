"""A workload stands only at sites that have its network zone.

Why: a workload of the DMZ at a site without one would stand among the internal systems; recovery
refuses such a site, so that the standby is none.
Clause: GB/T 22239-2019 8.1.2.1 c (zones), 8.1.2.1 d (isolation between them).
Fix: build the zone there and declare it in the site's `zones`, or choose another standby.
Waiver: nobody; nothing is placed there anyway.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="zone_exists_at_site",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 c"), Clause("GB/T 22239-2019", "8.1.2.1 d")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.WORKLOAD,),
    title=Text("站点具备业务所需网络区域", "A site has the zone of every workload it holds"),
    remedy=Text(
        "在该站点建设并声明此网络区域，或更换站点",
        "build and declare the zone at that site, or choose another site",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the site lacks the zone."""
    workload, site = resource.inputs["workload"], resource.inputs["site"]
    if workload["zone"] not in site["zones"]:
        name, zone, where = workload["name"], workload["zone"], site["name"]
        yield Text(
            f"{name} 属 {zone} 区，站点 {where} 没有该区", f"{where} has no zone {zone} for {name}"
        )
