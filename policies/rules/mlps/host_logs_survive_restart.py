"""Something on the host writes the system's log to disk.

Why: a journal in memory is empty after the restart that an incident ends with.
Clause: GB/T 22239-2019 8.1.4.3 c.
Fix: run `rsyslog`, or `mkdir /var/log/journal` and restart journald.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, running
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_logs_survive_restart",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 c"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("日志重启后仍在", "Logs survive a restart"),
    remedy=Text(
        "运行 rsyslog，或创建 /var/log/journal 使 journald 持久化",
        "run rsyslog, or make `/var/log/journal` so that journald keeps them",
    ),
)

WRITERS = ("rsyslogd", "syslog-ng", "syslogd")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if there is neither a syslog daemon nor a journal on disk."""
    host = facts_of(resource)
    if not host.get("journalPersistent") and not running(host, WRITERS):
        yield Text("没有程序把系统日志写入磁盘", "nothing writes the system's log to disk")
