"""The API servers and stores that manage a site have no public address.

Why: who reaches the API server of a cluster needs one stolen key to own every pod.
Clause: GB/T 22239-2019 8.1.4.4 c (management only from chosen places), 8.1.5.4 b (a secure path of
it), 8.2.5.1 b (its traffic apart). Advisory: a filter in front may let in the bastion only, which
is not declared.
Fix: use the private endpoint of the cluster, over the hospital's own line.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.addresses import is_public
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="management_endpoint_not_public",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.4 c"),
        Clause("GB/T 22239-2019", "8.2.5.1 b"),
        Clause("GB/T 22239-2019", "8.1.5.4 b"),
    ),
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE,),
    title=Text("管理端点不使用公网地址", "Management endpoints have no public address"),
    remedy=Text("改用集群的内网端点", "use the private endpoint of the cluster"),
)

MANAGEMENT = ("kubernetes", "hub", "etcd")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per management endpoint that the Internet routes to."""
    endpoints = resource.inputs["site"]["endpoints"]
    for name in MANAGEMENT:
        url = endpoints.get(name, "")
        if url and is_public(url):
            yield Text(f"管理端点 {name} 位于公网：{url}", f"endpoint {name} is public: {url}")
