"""No port of administration is open to the outside of a cloud network.

Why: SSH, remote desktops, databases and API servers are what is attacked first and bought next.
Clause: GB/T 22239-2019 8.1.4.4 b (high-risk ports are closed), 8.1.3.1 a, 8.1.4.4 c.
Fix: remove the port from `openPorts`; administer over the hospital's own line and a bastion.
Waiver: nobody.
"""

from collections.abc import Iterator
from typing import Any

from hospital.addresses import MANAGEMENT_PORTS
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="management_port_closed",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.4 b"),
        Clause("GB/T 22239-2019", "8.1.4.4 c"),
        Clause("GB/T 22239-2019", "8.1.3.1 a"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.NETWORK,),
    title=Text("管理端口不对外开放", "No management port is open to the outside"),
    remedy=Text(
        "从 openPorts 删除该端口，经专线与堡垒机管理",
        "remove the port from openPorts; administer over a private line and a bastion",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per such port."""
    for port in resource.inputs["openPorts"]:
        if port in MANAGEMENT_PORTS:
            what = MANAGEMENT_PORTS[port]
            yield Text(
                f"对外开放了 {port} 端口（{what}）", f"port {port} ({what}) is open to the outside"
            )


def fix(inputs: dict[str, Any]) -> None:
    """Close them; what is to be reached from outside has a port of its own."""
    inputs["openPorts"] = [port for port in inputs["openPorts"] if port not in MANAGEMENT_PORTS]
