"""Every site is joined to another by a declared line.

Why: over a line that nobody declared, nobody has judged encryption, latency or whether it is there
at all; replication and recovery go over it all the same.
Clause: GB/T 20988-2025, standby network (seven resource elements); GB/T 22239-2019 8.1.2.2 b.
Fix: declare the line under `links`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import lines, sites

RULE = Rule(
    id="site_is_linked",
    clauses=(Clause("GB/T 20988-2025", "备用网络系统"), Clause("GB/T 22239-2019", "8.1.2.2 b")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.SITE,),
    scope=Scope.ESTATE,
    title=Text("站点间线路已声明", "Every site is joined by a declared line"),
    remedy=Text("在 links 中声明该站点的线路", "declare the site's lines under `links`"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the estate has other sites and no line leads to them."""
    name = resource.inputs["site"]["name"]
    if len(sites(facts)) > 1 and not lines(facts, name):
        yield Text(f"站点 {name} 未声明任何线路", f"no line is declared that joins {name}")
