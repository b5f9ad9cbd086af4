"""Sudo gives nobody all commands without asking who they are.

Why: whoever takes over the session of such an account is root at once, and the record names the
account only.
Clause: GB/T 22239-2019 8.1.4.2 d.
Fix: list the commands that the account needs, or ask for its password.
Waiver: nobody.
"""

import re
from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_sudo_asks",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("sudo 执行任意命令须验证", "Sudo asks before it runs just anything"),
    remedy=Text(
        "去掉 NOPASSWD: ALL 与 !authenticate，只列出所需命令",
        "drop `NOPASSWD: ALL` and `!authenticate`; list the commands that are needed",
    ),
)

FREE = re.compile(r"NOPASSWD\s*:\s*(?:[A-Z]+\s*:\s*)*ALL\b|^Defaults\b.*!authenticate")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per line that gives all without a password."""
    lines = facts_of(resource).get("sudo")
    if lines is None:
        yield unread("sudo 规则", "the rules of sudo")
    for line in lines or ():
        if FREE.search(line):
            yield Text(f"sudo 规则“{line}”免验证放行一切", f"sudo asks nothing: {line}")
