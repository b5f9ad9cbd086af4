"""The kernel's audit is on and a daemon writes it down.

Why: without it nobody can say afterwards who became root and what they did.
Clause: GB/T 22239-2019 8.1.4.3 a.
Fix: install `auditd` (`audit` on rpm systems), and `systemctl enable --now auditd`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_audit_runs",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("主机审计已启用", "The host's audit runs"),
    remedy=Text("安装并启用 auditd", "install and start auditd"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the audit is off, writes nothing, or is not there."""
    if not facts_of(resource).get("auditEnabled"):
        yield Text(
            "内核审计未启用、无人记录或无法读取", "the audit is off, unwritten, or not there"
        )
