"""No network policy lets anybody in.

Why: an allowance without a sender is an open door in the wall of its zone. A block wider than any
private network, and every namespace of the cluster, are the same door.
Clause: GB/T 22239-2019 8.1.3.2 a (deny by default), 8.1.3.2 c (the source is checked), 8.2.2.1 b
(tenants apart).
Fix: name the namespace, the pods or the addresses that really send.
Waiver: the security administrator, for one workload that serves the Internet.
"""

from collections.abc import Iterator

from hospital.flows import open_ends
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="policy_no_any_peer",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.3.2 a"),
        Clause("GB/T 22239-2019", "8.1.3.2 c"),
        Clause("GB/T 22239-2019", "8.2.2.1 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("NetworkPolicy",),
    title=Text("入站规则须指明来源", "No network policy lets anybody in"),
    remedy=Text(
        "在 from 中写明命名空间、Pod 或地址段",
        "name the namespace, the pods or the addresses in `from`",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per open end."""
    item = resource.inputs["object"]
    for where in open_ends(item, "Ingress"):
        name = name_of(item)
        yield Text(f"{name} 允许任何来源：{where}", f"{name} lets anybody in: {where}")
