"""More than one edge host leads into a site.

Why: everything that clients ask, and every way to the database, goes through the edge; when its
only host reboots, the whole site is away.
Clause: GB/T 22239-2019 8.1.2.1 e (redundant key devices). Advisory: a virtual machine that its
platform restarts elsewhere, or a balancer in front, is not in the declaration.
Fix: add a second host with the role `edge`, and let the ingress address move between them.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="edge_redundant",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 e"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.SITE,),
    title=Text("站点入口主机冗余", "A site has more than one edge host"),
    remedy=Text(
        "增加一台角色为 edge 的主机，入口地址可在其间漂移",
        "add a second edge host and let the ingress address move between them",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when a single host is the edge; a site that declares none uses other means."""
    site = resource.inputs["site"]
    edges = [host["name"] for host in site.get("hosts", ()) if "edge" in host["roles"]]
    if len(edges) == 1:
        name, only = site["name"], edges[0]
        yield Text(f"站点 {name} 仅有入口主机 {only}", f"{only} is the only edge host of {name}")
