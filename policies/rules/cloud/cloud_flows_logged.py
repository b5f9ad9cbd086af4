"""What flows in the cloud's network is written down.

Why: how an intruder moved, and what left, is seen nowhere else afterwards.
Clause: GB/T 22239-2019 8.1.3.3 c, 8.1.3.5 a.
Fix: turn on flow logs for all traffic of the network.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_flows_logged",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.3.3 c"),
        Clause("GB/T 22239-2019", "8.1.3.5 a"),
    ),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ACCOUNT,),
    title=Text("云网络记录流日志", "Flows in cloud networks are logged"),
    remedy=Text(
        "为网络启用记录全部流量的流日志",
        "turn on flow logs for all traffic",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per network without an active log of accepted and refused traffic."""
    yield from unread(resource, "networks", "网络")
    for network in each(resource, "networks"):
        said = Text(f"网络 {network['name']} 无流日志", f"network {network['name']} logs no flows")
        yield from amiss(network.get("flowsLogged"), said)
