"""Logs can be changed by nobody else, and those about logins read by nobody else.

Why: who can write a log erases the traces; failed logins hold passwords typed as names.
Clause: GB/T 22239-2019 8.1.4.3 c.
Fix: `chmod 640`, owner root or the syslog daemon; set the same in logrotate's `create`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import OTHERS_READ, OTHERS_WRITE, facts_of, mode_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_logs_private",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 c"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("日志文件不对他人开放", "Logs are closed to others"),
    remedy=Text("执行 chmod o-rwx；wtmp 可读不可写", "`chmod o-rwx`; `wtmp` may be read"),
)

PRIVATE = ("/var/log/secure", "/var/log/auth.log", "/var/log/btmp", "/var/log/audit")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per log that others can write, or read where it tells of logins."""
    files = facts_of(resource).get("files")
    if files is None:
        yield unread("文件权限", "the modes of files")
    for path, held in (files or {}).items():
        allowed = OTHERS_WRITE | (OTHERS_READ if path.startswith(PRIVATE) else 0)
        if path.startswith("/var/log/") and mode_of(held) & allowed:
            yield Text(f"{path} 的权限为 {held}", f"{path} is {held}")
