"""Whoever sets a password is held to a length and to kinds of characters.

Why: a setting that PAM never asks for holds nobody; a short password falls to a list of words.
Clause: GB/T 22239-2019 8.1.4.1 a.
Fix: install `libpam-pwquality`; `minlen = 12`, `minclass = 3` in `pwquality.conf`
(`host_harden.yml` writes it), or the module's arguments.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import ALL_PASSWORDS, facts_of, module, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_passwords_complex",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("口令复杂度受强制", "Passwords must be complex"),
    remedy=Text(
        "安装并启用 pam_pwquality，minlen 不小于 8、minclass 不小于 3",
        "have PAM ask pam_pwquality, minlen 8 and minclass 3 at least",
    ),
)

LEAST_LENGTH, LEAST_CLASSES = 8, 3  # characters, kinds of them; practice
CREDITS = ("dcredit", "ucredit", "lcredit", "ocredit")  # below 0: that kind must be there


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if nothing is asked for, and one per demand that is too low."""
    host = facts_of(resource)
    if host.get("pam") is None:
        yield unread("PAM 配置", "the configuration of PAM")
        return
    asked = module(host, "pam_pwquality", ALL_PASSWORDS)
    if asked is None:
        yield Text("设置口令未经 pam_pwquality 检查", "PAM does not ask pam_pwquality")
        return
    found = {**(host.get("passwordQuality") or {}), **asked}
    length = int(found.get("minlen", "8"))  # its own default
    named = sum(found.get(key, "0").startswith("-") for key in CREDITS)
    classes = max(int(found.get("minclass", "0")), named)
    if length < LEAST_LENGTH:
        yield Text(
            f"口令最短 {length} 位", f"a password needs {length} characters, not {LEAST_LENGTH}"
        )
    if classes < LEAST_CLASSES:
        yield Text(
            f"口令只需 {classes} 类字符", f"a password needs {classes} kinds, not {LEAST_CLASSES}"
        )
