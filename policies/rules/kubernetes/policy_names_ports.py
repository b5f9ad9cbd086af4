"""Every allowance of a network policy names its ports.

Why: an allowance for all ports opens the database and the debugger along with the service. A
protocol that is not named is TCP, in the file as in the cluster: that is no gap.
Clause: GB/T 22239-2019 8.1.3.2 c (ports and protocols are checked, not addresses alone).
Fix: list protocol and port of each flow under `ports`.
Waiver: the security administrator, for one workload whose ports are not fixed.
"""

from collections.abc import Iterator

from hospital.flows import DIRECTIONS, allowances
from hospital.manifest import name_of
from hospital.rule import Clause, Facts, Kind, Level, Plain, Resource, Rule, Severity, Text

RULE = Rule(
    id="policy_names_ports",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.2 c"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.OBJECT,),
    objects=("NetworkPolicy",),
    title=Text("网络策略须指明端口", "Every allowance of a network policy names its ports"),
    remedy=Text(
        "在 ports 中逐项写明协议与端口",
        "list protocol and port of each flow under `ports`",
    ),
    waived_by=Text("安全管理员", "the security administrator"),
)

ALL = (1, 65535)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per allowance of all ports, or of all ports of a protocol."""
    item = resource.inputs["object"]
    for direction in DIRECTIONS:
        for number, allowance in enumerate(allowances(item, direction)):
            for protocol in _unbounded(allowance):
                where = f"{name_of(item)} {direction.lower()}[{number}]"
                yield Text(
                    f"{where} 放行 {protocol}全部端口",
                    f"{where} allows every {protocol}port",
                )


def _unbounded(allowance: Plain) -> Iterator[str]:
    ports = allowance.get("ports", ())
    if not ports:
        yield ""
    for port in ports:
        if "port" not in port or (port["port"], port.get("endPort")) == ALL:
            yield f"{port.get('protocol', 'TCP')} "
