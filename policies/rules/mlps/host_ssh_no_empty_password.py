"""SSH takes no empty password.

Why: an account whose password somebody emptied is then open to the whole network.
Clause: GB/T 22239-2019 8.1.4.1 a.
Fix: `PermitEmptyPasswords no`, sshd's own default; run `host_harden.yml`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import sshd_unlike
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_ssh_no_empty_password",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.HOST,),
    title=Text("SSH 不接受空口令", "SSH takes no empty password"),
    remedy=Text("设置 PermitEmptyPasswords no", "set `PermitEmptyPasswords no`"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if sshd takes an empty password."""
    return sshd_unlike(resource, {"permitemptypasswords": {"no"}})
