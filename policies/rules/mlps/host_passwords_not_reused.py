"""A new password is none of the last ones.

Why: a change that goes back to the old password has changed nothing.
Clause: GB/T 22239-2019 8.1.4.1 a.
Fix: `password required pam_pwhistory.so remember=5 use_authtok` before pam_unix; `host_harden.yml`
does so where it can.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import ALL_PASSWORDS, facts_of, module, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_passwords_not_reused",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.HOST,),
    title=Text("新口令不同于旧口令", "A new password is no old one"),
    remedy=Text(
        "启用 pam_pwhistory（remember 不小于 5）", "have PAM ask pam_pwhistory, remember 5 at least"
    ),
)

LEAST = 5  # passwords that are remembered; practice


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if PAM remembers too few passwords."""
    host = facts_of(resource)
    if host.get("pam") is None:
        yield unread("PAM 配置", "the configuration of PAM")
        return
    asked = (module(host, name, ALL_PASSWORDS) for name in ("pam_pwhistory", "pam_unix"))
    kept = [int(found["remember"]) for found in asked if found and found.get("remember")]
    if max(kept, default=0) < LEAST:
        most = max(kept, default=0)
        yield Text(
            f"记住 {most} 个旧口令，应不少于 {LEAST}",
            f"{most} passwords are remembered, not {LEAST}",
        )
