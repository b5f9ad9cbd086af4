"""SSH records who logs in.

Why: below INFO sshd does not say who came, and after an incident nobody can.
Clause: GB/T 22239-2019 8.1.4.3 a.
Fix: `LogLevel VERBOSE`, which also names the key that was used; `host_harden.yml` sets it.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import sshd_unlike
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_ssh_logs_logins",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 a"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("SSH 记录登录", "SSH records who logs in"),
    remedy=Text("设置 LogLevel VERBOSE 或 INFO", "set `LogLevel VERBOSE` or `INFO`"),
)

ENOUGH = {"INFO", "VERBOSE", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3"}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if sshd logs less than logins."""
    return sshd_unlike(resource, {"loglevel": ENOUGH})
