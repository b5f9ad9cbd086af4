"""Logs are sent to another host.

Why: what is only on the host goes with it: by its disk, or by who took it.
Clause: GB/T 22239-2019 8.1.4.3 c, 8.1.5.4 d.
Fix: a target in rsyslog (`*.* @@log.hospital:6514`), `systemd-journal-upload`, or an agent of the
log platform. Agents that are not known here exist: it only advises.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, running, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_logs_sent_away",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 c"), Clause("GB/T 22239-2019", "8.1.5.4 d")),
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("日志发送到其他主机", "Logs are sent to another host"),
    remedy=Text(
        "配置 rsyslog、journal-upload 或日志代理，发往日志平台",
        "send them by rsyslog, journal-upload or an agent to the log platform",
    ),
)

AGENTS = (
    *("filebeat", "fluent-bit", "fluentd", "vector", "promtail"),
    *("alloy", "loongcollector", "ilogtail", "logstash"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if nothing sends logs anywhere."""
    targets = facts_of(resource).get("logTargets")
    if targets is None:
        yield unread("日志发送设置", "where logs are sent")
    elif not targets and not running(facts_of(resource), AGENTS):
        yield Text("日志只保存在本机", "logs stay on the host itself")
