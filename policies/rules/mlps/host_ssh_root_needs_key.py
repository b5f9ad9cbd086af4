"""Root cannot come in over SSH with a password.

Why: root is the one name that every attacker knows, and its password the one that opens all.
Clause: GB/T 22239-2019 8.1.4.2 b, 8.1.4.4 c.
Fix: run `host_harden.yml`, or set `PermitRootLogin no` (or `prohibit-password`) and reload sshd.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import sshd_unlike
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_ssh_root_needs_key",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 b"), Clause("GB/T 22239-2019", "8.1.4.4 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("root 不得凭口令远程登录", "Root cannot come in with a password"),
    remedy=Text(
        "设置 PermitRootLogin no 或 prohibit-password",
        "set `PermitRootLogin no` or `prohibit-password`",
    ),
)

ALLOWED = {"no", "prohibit-password", "without-password", "forced-commands-only"}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if sshd lets root in with a password."""
    return sshd_unlike(resource, {"permitrootlogin": ALLOWED})
