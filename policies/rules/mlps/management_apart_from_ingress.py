"""Management does not stand at the address to which clients are sent.

Why: whoever may open the hospital's web page may then knock at the API server, and a flood of
clients takes the management down when it is needed.
Clause: GB/T 22239-2019 8.2.5.1 b (management traffic apart from business traffic), 8.1.4.4 c.
Fix: give the API servers, or the ingress, an address of their own.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.addresses import host_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="management_apart_from_ingress",
    clauses=(Clause("GB/T 22239-2019", "8.2.5.1 b"), Clause("GB/T 22239-2019", "8.1.4.4 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE,),
    title=Text("管理与业务入口地址分离", "Management is apart from the ingress"),
    remedy=Text(
        "管理端点与业务入口使用不同地址",
        "give the management endpoints, or the ingress, an address of their own",
    ),
)

MANAGEMENT = ("kubernetes", "hub", "etcd")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per management endpoint at the ingress address."""
    endpoints = resource.inputs["site"]["endpoints"]
    ingress = endpoints["ingress"]
    for name in MANAGEMENT:
        url = endpoints.get(name, "")
        if url and host_of(url) == host_of(ingress):
            yield Text(
                f"管理端点 {name} 与业务入口同址 {ingress}",
                f"endpoint {name} stands at the ingress address {ingress}",
            )
