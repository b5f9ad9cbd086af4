"""Whoever fails to log in at the database waits, or is locked out.

Why: PostgreSQL by itself answers as many guesses as a network carries.
Clause: GB/T 22239-2019 8.1.4.1 b.
Fix: load auth_delay with `auth_delay.milliseconds` of 1000, or credcheck with a limit of failures.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_failed_login_delayed",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 b"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.DATABASE,),
    title=Text("数据库处置登录失败", "The database slows failed logins"),
    remedy=Text(
        "加载 auth_delay（1000 毫秒）或 credcheck（失败锁定）",
        "load auth_delay (1000 ms) or credcheck (locks after failures)",
    ),
)

LEAST = 1000  # ms: a million guesses take eleven days, one at a time; practice
MOST = 5  # failures; practice of assessments


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if neither delays nor locks are in effect."""
    settings = resource.inputs["facts"]["settings"]
    loaded = settings.get("shared_preload_libraries", "")
    delay = int(settings.get("auth_delay.milliseconds", 0)) if "auth_delay" in loaded else 0
    limit = int(settings.get("credcheck.max_auth_failure", 0)) if "credcheck" in loaded else 0
    if delay < LEAST and not 0 < limit <= MOST:
        yield Text(
            f"登录失败仅延迟 {delay} 毫秒，且不锁定",
            f"a failed login waits {delay} ms, and locks nobody out",
        )
