"""The host takes SSH from chosen places only.

Why: a stolen key or a flaw in sshd is then of use only from the management network.
Clause: GB/T 22239-2019 8.1.4.4 c.
Fix: a firewall whose input drops what it does not name, or `AllowUsers NAME@ADDRESS` for all. A
firewall in front of the host does it too and is not seen from here: it only advises.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_management_limited",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 c"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("主机限制管理来源", "The host limits from where it is managed"),
    remedy=Text(
        "主机防火墙默认丢弃，或在 AllowUsers 中写明来源地址",
        "let the host's firewall drop by default, or name addresses in `AllowUsers`",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if neither the firewall nor sshd chooses."""
    host = facts_of(resource)
    allowed = (host.get("sshd") or {}).get("allowusers", "").split()
    chosen = bool(allowed) and all("@" in each for each in allowed)
    if host.get("inputPolicy") != "drop" and not chosen:
        zh = "防火墙不默认丢弃，sshd 也未限制来源"
        yield Text(zh, "the firewall drops nothing by default, and sshd takes any address")
