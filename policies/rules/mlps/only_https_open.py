"""Only HTTPS is open to the outside of a cloud network.

Why: every other port is a service without the gateway that inspects, and often without encryption.
Clause: GB/T 22239-2019 8.1.3.1 a, 8.1.3.2 b (the rule set is minimal), 8.1.2.2 b. Advisory: which
protocol answers at a port, and whether it is encrypted, the number does not tell.
Fix: serve through the ingress at 443, and remove the port from `openPorts`.
Waiver: not needed, it only advises; ports of administration are `management_port_closed`'s matter.
"""

from collections.abc import Iterator

from hospital.addresses import MANAGEMENT_PORTS
from hospital.parameters import of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="only_https_open",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.3.1 a"),
        Clause("GB/T 22239-2019", "8.1.3.2 b"),
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
    ),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.NETWORK,),
    title=Text("对外仅开放 HTTPS", "Only HTTPS is open to the outside"),
    remedy=Text("经 443 入口提供服务，关闭其余端口", "serve through 443 and close the port"),
    parameters=of("only_https_open"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per other port, those of administration left out."""
    allowed = facts.parameter(RULE, "ports")
    for port in resource.inputs["openPorts"]:
        if port not in (*allowed, *MANAGEMENT_PORTS):
            yield Text(f"对外开放了 {port} 端口", f"port {port} is open to the outside")
