"""SSH forwards no other connection.

Why: a forwarded port leads around every border that was drawn between zones, and no firewall sees
it.
Clause: GB/T 22239-2019 8.1.3.1 a, 8.1.4.4 b.
Fix: `AllowTcpForwarding no`, `X11Forwarding no`, `AllowAgentForwarding no`, `PermitTunnel no`. It
advises only, because to forward is what a bastion is for.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import sshd_unlike
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_ssh_forwards_nothing",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.1 a"), Clause("GB/T 22239-2019", "8.1.4.4 b")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("SSH 不转发其他连接", "SSH forwards no other connection"),
    remedy=Text(
        "关闭 TCP、X11、代理与隧道转发；堡垒机除外",
        "turn forwarding of TCP, X11, agents and tunnels off; a bastion is another matter",
    ),
)

FORWARDS = ("allowtcpforwarding", "x11forwarding", "allowagentforwarding", "permittunnel")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per kind of forwarding that is on."""
    return sshd_unlike(resource, {key: {"no"} for key in FORWARDS})
