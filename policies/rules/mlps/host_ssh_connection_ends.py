"""SSH ends a connection whose other end no longer answers.

Why: the session of a laptop that was closed or stolen stays open on the host, with its rights.
Clause: GB/T 22239-2019 8.1.4.1 b.
Fix: `ClientAliveInterval 300`, `ClientAliveCountMax 3`; both above 0, or sshd never asks.
`host_harden.yml` sets them.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import sshd_number, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_ssh_connection_ends",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 b"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("SSH 断开无应答的连接", "SSH ends connections that no longer answer"),
    remedy=Text(
        "设置 ClientAliveInterval 与 ClientAliveCountMax，乘积不超过 1800 秒",
        "set `ClientAliveInterval` and `ClientAliveCountMax`, at most 1800 s together",
    ),
)

MOST = 1800  # seconds; practice
KEYS = ("clientaliveinterval", "clientalivecountmax")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if a silent connection may stay for ever, or for too long."""
    interval, count = (sshd_number(resource, key) for key in KEYS)
    if interval is None or count is None:
        yield unread("sshd 的连接超时设置", "sshd's limit of silent connections")
    elif not 1 <= interval * count <= MOST:
        seconds = interval * count
        yield Text(
            f"无应答的连接 {seconds} 秒后断开（0 为永不），应为 1–{MOST}",
            f"a silent connection ends after {seconds} s (0: never), not 1 to {MOST}",
        )
