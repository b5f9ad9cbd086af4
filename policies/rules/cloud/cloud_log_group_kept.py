"""Logs in the cloud are kept for six months.

Why: an intrusion is noticed months later; logs that expired before it was cannot be asked.
Clause: GB/T 22239-2019 8.1.5.4 d (lawful retention), 8.2.5.1 c; 29号文.
Fix: set the retention of the log group to 180 days or more.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_log_group_kept",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.5.4 d"),
        Clause("GB/T 22239-2019", "8.2.5.1 c"),
        Clause("国卫规划发〔2022〕29号", "日志留存"),
    ),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ACCOUNT,),
    title=Text("云日志保存六个月", "Logs in the cloud are kept six months"),
    remedy=Text(
        "将日志组的保留期设为 180 天以上",
        "set the retention to 180 days or more",
    ),
)

DAYS = 180  # not less than six months


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per group of logs whose entries expire too early."""
    yield from unread(resource, "logGroups", "日志组")
    for group in each(resource, "logGroups"):
        if 0 < group["days"] < DAYS:
            zh = f"日志组 {group['name']} 仅保留 {group['days']} 天"
            yield Text(zh, f"log group {group['name']} keeps {group['days']} days")
