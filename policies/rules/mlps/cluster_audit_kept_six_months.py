"""A cluster's audit records are kept for half a year.

Why: an intrusion is found months later, by which time the records of it must not have been deleted
by the server itself. Records that go to a webhook are kept there.
Clause: 国卫规划发〔2022〕29号 日志留存 (six months), GB/T 22239-2019 8.1.4.3 c.
Fix: `--audit-log-maxage=180` or more (0 deletes nothing by age), or send them to an archive.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cluster_audit_kept_six_months",
    clauses=(Clause("国卫规划发〔2022〕29号", "日志留存"), Clause("GB/T 22239-2019", "8.1.4.3 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.CLUSTER,),
    title=Text("集群审计记录留存六个月", "Clusters' audit records are kept six months"),
    remedy=Text(
        "设置 --audit-log-maxage=180 以上，或外送归档",
        "set --audit-log-maxage to 180 or more, or send records to an archive",
    ),
)

DAYS = 180  # six months
FOR_EVER = 0


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the server deletes records earlier, or nobody could read when."""
    value, sent = (flag(resource, f"audit-{it}") for it in ("log-maxage", "webhook-config-file"))
    if value is None or not value.isdecimal():
        yield unread("audit-log-maxage")
    elif not sent and FOR_EVER < int(value) < DAYS:
        yield Text(f"审计日志只保留 {value} 天", f"the audit log is kept for {value} days only")
