"""Failed logins lock the account for a while.

Why: without a lock a password is tried until it is found, on the console, by su and by SSH alike.
Clause: GB/T 22239-2019 8.1.4.1 b.
Fix: put `pam_faillock.so` into the auth stack (`host_harden.yml` does, by authselect on
rpm systems) and set `deny` and `unlock_time` in `faillock.conf`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import ALL_LOGINS, facts_of, module, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_failed_logins_lock",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 b"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("登录失败后锁定账户", "Failed logins lock the account"),
    remedy=Text(
        "在 PAM 中启用 pam_faillock，deny 为 1–5，unlock_time 不小于 600",
        "have PAM ask pam_faillock, deny 1 to 5, unlock_time 600 at least",
    ),
)

MOST_FAILURES, LEAST_SECONDS = 5, 600  # practice
DEFAULTS = {  # of the modules themselves; 0 seconds: until somebody unlocks it
    "pam_faillock": {"deny": "3", "unlock_time": "600"},
    "pam_tally2": {"deny": "0", "unlock_time": "0"},
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if nothing counts failures, and one per limit that is too wide."""
    host = facts_of(resource)
    if host.get("pam") is None:
        yield unread("PAM 配置", "the configuration of PAM")
        return
    name = next((each for each in DEFAULTS if module(host, each, ALL_LOGINS) is not None), None)
    if name is None:
        yield Text("登录失败未经 PAM 计数", "PAM asks neither pam_faillock nor pam_tally2")
        return
    file = (host.get("lockout") or {}) if name == "pam_faillock" else {}
    found = {**DEFAULTS[name], **file, **(module(host, name, ALL_LOGINS) or {})}
    failures, seconds = int(found["deny"]), int(found["unlock_time"].replace("never", "0"))
    if not 1 <= failures <= MOST_FAILURES:
        zh = f"失败 {failures} 次后锁定，应为 1–{MOST_FAILURES} 次"
        yield Text(zh, f"{failures} failures lock, not 1 to {MOST_FAILURES}")
    if 0 < seconds < LEAST_SECONDS:
        yield Text(f"锁定 {seconds} 秒", f"the lock lasts {seconds} s, less than {LEAST_SECONDS}")
