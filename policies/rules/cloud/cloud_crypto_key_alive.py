"""A key that something is encrypted with stays.

Why: when a key is gone, everything that it encrypted is gone: backups too.
Clause: GB/T 22239-2019 8.1.4.9 a; GB/T 39786-2021 chapter 5 (life of keys).
Fix: cancel the deletion and enable the key, or encrypt the data anew first.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_crypto_key_alive",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.9 a"),
        Clause("GB/T 39786-2021", "第5章 密钥管理"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("在用密钥未停用或待删", "Keys in use are not to be deleted"),
    remedy=Text(
        "取消删除并启用密钥，或先重新加密数据",
        "cancel the deletion, or encrypt anew first",
    ),
)

ALIVE = "Enabled"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per bucket, disk and database whose key is off or about to go."""
    yield from unread(resource, "cryptoKeys", "密钥")
    for key in each(resource, "cryptoKeys"):
        arn, state, users = key["arn"], key["state"], key.get("usedBy")
        if state == ALIVE:
            continue
        if users is None:
            yield Text(f"未能读取谁使用密钥 {arn}", f"users of key {arn}: could not be read")
        for name in users or ():
            yield Text(f"{name} 的密钥状态为 {state}", f"{name}: its key is {state}")
