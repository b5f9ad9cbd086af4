"""A workload's name leads to a site's ingress.

Why: the ingress is where traffic is let in, inspected and logged; a name that leads to any other
address leads past all of it.
Clause: GB/T 22239-2019 8.1.3.1 a (traffic crosses a border only at controlled places).
Fix: let `address` be the ingress of the workload's home.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import sites

RULE = Rule(
    id="name_answers_inside",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.NAME,),
    scope=Scope.ESTATE,
    title=Text("域名指向站点入口", "A name leads to a site's ingress"),
    remedy=Text("address 改为主站点的 ingress 地址", "let address be the ingress of the home"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the address is no known site's ingress."""
    address = resource.inputs["address"]
    known = {site["endpoints"]["ingress"] for site in sites(facts).values()}
    if known and address not in known:
        yield Text(
            f"{resource.name} 指向 {address}，不是任何站点的入口",
            f"{resource.name} leads to {address}, which is no site's ingress",
        )
