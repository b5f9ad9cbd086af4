"""SSH ends a connection after few attempts to log in, and soon.

Why: without a limit one connection guesses passwords for as long as it likes.
Clause: GB/T 22239-2019 8.1.4.1 b.
Fix: `MaxAuthTries` at most 5, `LoginGraceTime` from 1 to 60 seconds; `host_harden.yml` sets both.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import sshd_number, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_ssh_tries_limited",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 b"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("SSH 限制登录尝试", "SSH limits attempts to log in"),
    remedy=Text(
        "设置 MaxAuthTries 5、LoginGraceTime 60 或更小",
        "set `MaxAuthTries 5` and `LoginGraceTime 60` or less",
    ),
)

MOST = {"maxauthtries": 5, "logingracetime": 60}  # attempts, seconds; practice


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per limit that is not there or too wide; 0 means none to sshd."""
    for key, most in MOST.items():
        found = sshd_number(resource, key)
        if found is None:
            yield unread(f"sshd 的 {key}", f"sshd: {key}")
        elif not 1 <= found <= most:
            yield Text(
                f"sshd 的 {key} 为 {found}，应为 1–{most}",
                f"sshd: {key} is {found}, not 1 to {most}",
            )
