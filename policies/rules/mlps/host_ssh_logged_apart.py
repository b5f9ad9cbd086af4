"""What SSH records of who came from afar goes where logins are audited, not among all else.

Why: under a facility of its own (`auth`, `authpriv`) the record of remote access is kept apart,
is private, and is found; under `daemon` or `user` it drowns in what programs say.
Clause: GB/T 22239-2019 8.1.3.5 d (who comes from afar is audited apart).
Fix: `SyslogFacility AUTH`, the default of OpenSSH, or `AUTHPRIV`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import sshd_unlike
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_ssh_logged_apart",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.5 d"),),
    level=Level.MANDATORY,
    severity=Severity.LOW,
    kinds=(Kind.HOST,),
    title=Text("远程登录单独记录", "Remote logins are recorded apart"),
    remedy=Text("设置 SyslogFacility AUTH 或 AUTHPRIV", "set `SyslogFacility AUTH` or `AUTHPRIV`"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if sshd writes its records among those of other programs."""
    return sshd_unlike(resource, {"syslogfacility": {"AUTH", "AUTHPRIV"}})
