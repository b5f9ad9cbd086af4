"""The audit cannot be turned off without a restart.

Why: the first thing an intruder with root does is to stop the record; a restart is noticed.
Clause: GB/T 22239-2019 8.1.4.3 d.
Fix: `-e 2` as the last line of `/etc/audit/rules.d`; to change rules then takes a restart, so it
only advises.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_audit_locked",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 d"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.HOST,),
    title=Text("审计设置锁定至重启", "The audit is locked until a restart"),
    remedy=Text("在审计规则末尾加 -e 2", "put `-e 2` at the end of the audit rules"),
)

LOCKED = 2  # `auditctl -s`


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the audit runs and can be stopped; without audit there is nothing to lock."""
    enabled = facts_of(resource).get("auditEnabled")
    if enabled and enabled != LOCKED:
        yield Text("root 可随时关闭审计", "root can turn the audit off at any time")
