"""Passwords are kept as hashes that resist guessing.

Why: a copy of `/etc/shadow` with DES or MD5 in it is read in hours.
Clause: GB/T 22239-2019 8.1.4.8 b.
Fix: `ENCRYPT_METHOD` in `/etc/login.defs`, and new passwords for the accounts that are named.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_password_hashes_strong",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.8 b"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("口令以强散列保存", "Passwords are kept as strong hashes"),
    remedy=Text(
        "将 ENCRYPT_METHOD 设为 SM3、YESCRYPT 或 SHA512，并更换口令",
        "set ENCRYPT_METHOD to SM3, YESCRYPT or SHA512, and change the passwords",
    ),
)

WEAK = {"des", "1", "md5", "3", "sha1"}  # as crypt(5) marks them
WEAK_METHODS = {"DES", "MD5"}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if new hashes will be weak, and one per account whose hash is."""
    accounts = facts_of(resource).get("accounts")
    if accounts is None:
        yield unread("账户", "the accounts")
    method = (facts_of(resource).get("definitions") or {}).get("ENCRYPT_METHOD", "SHA512")
    if method.upper() in WEAK_METHODS:
        yield Text(f"新口令以 {method} 保存", f"new passwords are kept as {method}")
    for each in accounts or ():
        if each["password"] == "set" and each["hash"] in WEAK:
            name, kind = each["name"], each["hash"]
            yield Text(
                f"{name} 的口令以弱散列 {kind} 保存", f"{name}: the hash is of the weak kind {kind}"
            )
