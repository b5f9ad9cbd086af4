"""A busy day does not push older audit records out.

Why: the API server keeps so many files of so many megabytes, whatever their age, so that a flood of
requests erases what went before it. Advisory: an agent may carry the files away in time.
Clause: GB/T 22239-2019 8.1.4.3 c (records are protected from being overwritten).
Fix: `--audit-log-maxbackup=0` (no limit) or enough for the time; or send records to an archive.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cluster_audit_not_cut_by_size",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 c"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("审计记录不因容量被覆盖", "Audit records are not pushed out by size"),
    remedy=Text(
        "增大 --audit-log-maxbackup 与 maxsize，或外送归档",
        "raise --audit-log-maxbackup and maxsize, or send records to an archive",
    ),
)

LEAST = 1000  # MB: ten files of 100 MB, CIS Kubernetes Benchmark 1.2
FOR_EVER = 0


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if less than that is kept and nothing is sent elsewhere."""
    files, size = flag(resource, "audit-log-maxbackup"), flag(resource, "audit-log-maxsize")
    if files is None or size is None or not (files + size).isdecimal():
        yield unread("audit-log-maxbackup, audit-log-maxsize")
    elif flag(resource, "audit-webhook-config-file") or int(files) == FOR_EVER:
        return
    elif int(files) * int(size) < LEAST:
        kept = int(files) * int(size)
        yield Text(f"审计日志只保留 {kept} MB", f"only {kept} MB of older audit records are kept")
