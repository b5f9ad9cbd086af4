"""The host follows neither redirects nor source routes, and drops forged senders.

Why: a neighbour in the same segment can otherwise lead traffic through itself, or pass for
another.
Clause: GB/T 22239-2019 8.1.3.3 a, b (attacks from outside and inside).
Fix: run `host_harden.yml`, or set the parameters and `sysctl --system`. Asymmetric routes need
`rp_filter = 2`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_network_guarded",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.3.3 b"),
        Clause("GB/T 22239-2019", "8.1.3.3 a"),
    ),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("主机不受伪造报文引导", "The host does not follow forged packets"),
    remedy=Text("在 /etc/sysctl.d 中设置所列参数", "set the named parameters in `/etc/sysctl.d`"),
)

WANTED = {  # parameter → values that guard
    "net.ipv4.tcp_syncookies": {"1", "2"},
    "net.ipv4.conf.all.accept_redirects": {"0"},
    "net.ipv6.conf.all.accept_redirects": {"0"},
    "net.ipv4.conf.all.send_redirects": {"0"},
    "net.ipv4.conf.all.accept_source_route": {"0"},
    "net.ipv4.conf.all.rp_filter": {"1", "2"},
}
OPTIONAL = {"net.ipv6.conf.all.accept_redirects"}  # IPv6 may be off


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per guard that is off or that the kernel does not show."""
    found = facts_of(resource).get("sysctl") or {}
    for key, values in WANTED.items():
        if key not in found and key not in OPTIONAL:
            yield unread(f"内核参数 {key}", key)
        elif key in found and found[key] not in values:
            yield Text(f"内核参数 {key} 为 {found[key]}", f"{key} is {found[key]}")
