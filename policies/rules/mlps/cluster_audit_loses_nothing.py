"""Audit records are not dropped when there are many.

Why: in batches the API server throws away what its buffer cannot hold, so a flood of requests hides
the one that matters. Advisory: blocking costs time on a slow disk.
Clause: GB/T 22239-2019 8.1.4.3 d (audit is not interrupted), 8.1.4.3 b (records are complete).
Fix: `--audit-log-mode=blocking`, and no `--audit-log-truncate-enabled`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cluster_audit_loses_nothing",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 d"), Clause("GB/T 22239-2019", "8.1.4.3 b")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("审计记录不丢弃、不截断", "Audit records are neither dropped nor cut"),
    remedy=Text(
        "设置 --audit-log-mode=blocking，关闭截断",
        "set --audit-log-mode=blocking and cut nothing",
    ),
)

KEEPS = ("blocking", "blocking-strict")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if records may be dropped, one if they may be cut."""
    mode, cut = flag(resource, "audit-log-mode"), flag(resource, "audit-log-truncate-enabled")
    if mode is None or cut is None:
        yield unread("audit-log-mode, audit-log-truncate-enabled")
        return
    if mode not in KEEPS:
        yield Text(f"审计日志模式为 {mode}，可能丢弃", f"audit log mode {mode} may drop records")
    if cut != "false":
        yield Text("审计记录可能被截断", "audit records may be cut")
