"""Keys that encrypt data are changed by themselves.

Why: the more is encrypted with one key, the more is lost with it.
Clause: GB/T 39786-2021 chapter 5 (life of keys). Approved modules and SM4 are for certificates to
show.
Fix: turn on the rotation of the key.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_crypto_key_turns",
    clauses=(Clause("GB/T 39786-2021", "第5章 密钥管理"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ACCOUNT,),
    title=Text("加密密钥自动轮换", "Keys that encrypt are rotated"),
    remedy=Text(
        "启用密钥轮换",
        "turn on rotation",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per key that could be rotated and is not."""
    yield from unread(resource, "cryptoKeys", "密钥")
    for key in each(resource, "cryptoKeys"):
        turns = key.get("rotation")
        said = Text(f"密钥 {key['arn']} 不轮换", f"key {key['arn']} is not rotated")
        yield from amiss(None if turns is None else turns != "off", said)
