"""A public cloud that belongs to the estate is in China.

Why: buckets with copies of evidence, a member of the hub and the steady names are made at every
cloud site, before the first workload comes.
Clause: GB/T 22239-2019 8.2.1.1 (a cloud's infrastructure is in the country), 8.2.4.5 a.
Fix: choose a region in China.
Waiver: nobody. A workload at such a site is said by `residency_in_china`.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import workloads

RULE = Rule(
    id="cloud_in_china",
    clauses=(Clause("GB/T 22239-2019", "8.2.1.1"), Clause("GB/T 22239-2019", "8.2.4.5 a")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE,),
    scope=Scope.ESTATE,
    title=Text("公有云站点位于境内", "A public cloud is in China"),
    remedy=Text("改用境内区域", "choose a region in China"),
)

PUBLIC = 1  # GB/T 39725-2020: may be disclosed to anybody


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the cloud is abroad and no workload's placement says so already."""
    site = resource.inputs["site"]
    name, country = site["name"], site["country"]
    said = any(
        each["dataLevel"] > PUBLIC and name in (each["home"], *each["standbys"])
        for each in workloads(facts).values()
    )
    if site["kind"] == "public-cloud" and country != "CN" and not said:
        yield Text(
            f"公有云站点 {name} 位于境外（{country}）", f"{name}, a public cloud, is in {country}"
        )
