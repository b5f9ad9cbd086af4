"""Passwords are changed regularly.

Why: a password that was copied once opens the host for as long as it is not changed.
Clause: GB/T 22239-2019 8.1.4.1 a.
Fix: `PASS_MAX_DAYS 90` in `/etc/login.defs` for accounts to come, `chage -M 90 NAME` for those
that are there.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, people, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_passwords_expire",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("口令定期更换", "Passwords are changed regularly"),
    remedy=Text(
        "将 PASS_MAX_DAYS 设为 90，并对已有账户执行 chage -M 90",
        "set PASS_MAX_DAYS to 90, and `chage -M 90` for accounts that exist",
    ),
)

MOST = 90  # days; practice


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if new passwords may stay for longer, and one per account whose own may."""
    if facts_of(resource).get("accounts") is None:
        yield unread("账户", "the accounts")
    declared = (facts_of(resource).get("definitions") or {}).get("PASS_MAX_DAYS", "")
    if not (declared.isdecimal() and 1 <= int(declared) <= MOST):
        zh = f"PASS_MAX_DAYS 为 {declared or '未设置'}，应为 1–{MOST}"
        yield Text(zh, f"PASS_MAX_DAYS is {declared or 'not set'}, not 1 to {MOST}")
    for each in people(facts_of(resource)):
        if not 1 <= each["maxDays"] <= MOST:
            name, days = each["name"], each["maxDays"]
            yield Text(f"{name} 的口令 {days} 天后到期", f"{name}: the password lasts {days} days")
