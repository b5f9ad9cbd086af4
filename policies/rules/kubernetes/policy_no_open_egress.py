"""No network policy lets pods go anywhere.

Why: stolen data leave by the allowance that nobody narrowed. A port alone is no fence: port 53 to
anywhere carries a tunnel as well as names.
Clause: GB/T 22239-2019 8.1.3.1 c (going out without permission), 8.1.3.2 c (destinations).
Fix: name the namespace, the pods or the addresses that are called; for DNS, the cluster's own.
Waiver: the security administrator, for one workload with a proxy or a firewall behind it.
"""

from collections.abc import Iterator

from hospital.flows import open_ends
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="policy_no_open_egress",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.1 c"), Clause("GB/T 22239-2019", "8.1.3.2 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.OBJECT,),
    objects=("NetworkPolicy",),
    title=Text("出站规则须指明去向", "No network policy lets pods go anywhere"),
    remedy=Text(
        "在 to 中写明命名空间、Pod 或地址段；DNS 仅限集群域名服务",
        "name the namespace, the pods or the addresses in `to`; for DNS, the cluster's own",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per open end."""
    item = resource.inputs["object"]
    for where in open_ends(item, "Egress"):
        name = name_of(item)
        yield Text(f"{name} 允许任何去向：{where}", f"{name} lets pods go anywhere: {where}")
