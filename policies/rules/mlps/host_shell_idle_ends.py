"""An idle shell ends by itself, and its user cannot change that.

Why: a console that was left open acts for whoever walks up to it.
Clause: GB/T 22239-2019 8.1.4.1 b.
Fix: a read-only `TMOUT` of at most 1800 seconds in `/etc/profile.d`; `host_harden.yml` writes one.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_shell_idle_ends",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 b"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("空闲的命令行会话自动退出", "An idle shell ends by itself"),
    remedy=Text(
        "在 /etc/profile.d 中将 TMOUT 设为不超过 1800 的只读变量",
        "set TMOUT in `/etc/profile.d` to at most 1800, read-only",
    ),
)

MOST = 1800  # seconds; practice


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if an idle shell stays, and one if its user may say so."""
    seconds = facts_of(resource).get("shellIdleSeconds", 0)
    if not 1 <= seconds <= MOST:
        yield Text(
            f"空闲会话 {seconds} 秒后退出（0 为永不），应为 1–{MOST}",
            f"an idle shell ends after {seconds} s (0: never), not 1 to {MOST}",
        )
    elif not facts_of(resource).get("shellIdleFixed"):
        yield Text("用户可以改动 TMOUT", "TMOUT can be changed by its user")
