"""A session with the database that nobody uses comes to an end.

Why: an open session at an empty desk, or one that was forgotten in a transaction, is open to
whoever comes by; the latter also holds locks.
Clause: GB/T 22239-2019 8.1.4.1 b.
Fix: set `idle_session_timeout` and `idle_in_transaction_session_timeout` to 30 minutes at most;
connection pools give idle connections up sooner than that.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_session_ends",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 b"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.DATABASE,),
    title=Text("数据库空闲会话自动退出", "Idle sessions with the database end"),
    remedy=Text(
        "设置 idle_session_timeout 与 idle_in_transaction_session_timeout 不超过 30 分钟",
        "set idle_session_timeout and idle_in_transaction_session_timeout to 30 min at most",
    ),
)

SETTINGS = ("idle_session_timeout", "idle_in_transaction_session_timeout")
LONGEST = 30 * 60 * 1000  # ms; practice of assessments, the clause has no number


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per limit that is not set, too long, or cannot be read."""
    for name in SETTINGS:
        value = resource.inputs["facts"]["settings"].get(name)
        if value is None:
            yield Text(f"无法读取 {name}", f"{name} could not be read")
        elif int(value) == 0:
            yield Text(f"{name} 未设置", f"{name} is not set")
        elif int(value) > LONGEST:
            minutes = int(value) // 60_000
            yield Text(f"{name} 为 {minutes} 分钟", f"{name} is {minutes} min")
