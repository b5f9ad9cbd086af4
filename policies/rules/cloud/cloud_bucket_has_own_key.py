"""Buckets are encrypted with a key of the hospital's.

Why: with the provider's key, whoever may read the bucket reads it in clear; no second lock holds.
Clause: GB/T 22239-2019 8.2.4.5 d (tenants' own keys). Advises: the clause asks that it is
possible.
Fix: make a key of your own and set it in the bucket's default encryption.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_bucket_has_own_key",
    clauses=(Clause("GB/T 22239-2019", "8.2.4.5 d"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ACCOUNT,),
    title=Text("存储桶使用自有密钥", "Buckets use a key of one's own"),
    remedy=Text(
        "用自有密钥设置默认加密",
        "set a key of your own in the default encryption",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per encrypted bucket whose key is the provider's."""
    for bucket in each(resource, "buckets"):
        if bucket.get("encryption") and not bucket.get("key"):
            zh = f"存储桶 {bucket['name']} 使用云商密钥"
            yield Text(zh, f"bucket {bucket['name']} uses the provider's key")
