"""SSH trusts nobody for the host that they come from.

Why: whoever takes one host is then everybody on the next, without having proved anything.
Clause: GB/T 22239-2019 8.1.4.1 a.
Fix: `HostbasedAuthentication no` and `IgnoreRhosts yes`, sshd's own defaults.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import sshd_unlike
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_ssh_trusts_no_host",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("SSH 不因来源主机而信任用户", "SSH trusts nobody for the host they come from"),
    remedy=Text(
        "设置 HostbasedAuthentication no、IgnoreRhosts yes",
        "set `HostbasedAuthentication no` and `IgnoreRhosts yes`",
    ),
)

WANTED = {"hostbasedauthentication": {"no"}, "ignorerhosts": {"yes"}}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per setting that lets a host vouch for its users."""
    return sshd_unlike(resource, WANTED)
