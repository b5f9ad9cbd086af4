"""The logs of the system are kept for six months.

Why: an intrusion is found months later; the law asks for six months of logs.
Clause: 国卫规划发〔2022〕29号 日志留存; GB/T 22239-2019 8.1.4.3 c.
Fix: `weekly` and `rotate 26` (or `daily`, `rotate 180`) for the logs of syslog, and no smaller
`maxage`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_logs_kept_six_months",
    clauses=(Clause("国卫规划发〔2022〕29号", "日志留存"), Clause("GB/T 22239-2019", "8.1.4.3 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("系统日志留存六个月", "The system's logs are kept six months"),
    remedy=Text(
        "将 logrotate 的 rotate 与周期之积设为不少于 180 天",
        "let logrotate keep 180 days or more (`rotate` times the period)",
    ),
)

LEAST = 180  # days: six months, the Cybersecurity Law


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per log that goes too soon, and one if nothing keeps any."""
    days = facts_of(resource).get("logDays")
    if days is None:
        yield unread("日志轮转设置", "what logrotate keeps")
    elif not days:
        yield Text("logrotate 未涉及任何系统日志", "logrotate keeps no log of the system")
    for path, kept in (days or {}).items():
        if kept < LEAST:
            yield Text(
                f"{path} 只留存 {kept} 天", f"{path} is kept for {kept} days, less than {LEAST}"
            )
