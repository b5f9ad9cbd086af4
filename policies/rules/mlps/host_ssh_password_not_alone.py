"""A password alone lets nobody in over SSH.

Why: a password is guessed, shared and phished; two factors are asked for, one of them
cryptographic.
Clause: GB/T 22239-2019 8.1.4.1 d.
Fix: `PasswordAuthentication no` and `KbdInteractiveAuthentication no`, or `AuthenticationMethods
publickey,password` (or a token after the key).
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_ssh_password_not_alone",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 d"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("仅凭口令不能远程登录", "A password alone does not let anybody in"),
    remedy=Text(
        "关闭口令登录，或要求密钥与口令并用（AuthenticationMethods）",
        "turn passwords off, or ask for a key as well (`AuthenticationMethods`)",
    ),
)

BY_PASSWORD = ("passwordauthentication", "kbdinteractiveauthentication")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per way in by a password that no list of methods binds to a key."""
    settings = facts_of(resource).get("sshd")
    if settings is None:
        yield unread("sshd 的生效设置", "the settings of sshd")
        return
    lists = settings.get("authenticationmethods", "any").split()
    if lists and all("publickey" in each.split(",") for each in lists):
        return
    for key in BY_PASSWORD:
        if settings.get(key) != "no":
            found = settings.get(key, "not set")
            yield Text(
                f"sshd 的 {key} 为 {found}，口令可单独登录", f"sshd: {key} is {found}, alone"
            )
