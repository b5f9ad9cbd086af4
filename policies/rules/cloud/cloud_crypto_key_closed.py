"""A key says who may use it.

Why: data that are encrypted with a key that everybody may use are not encrypted.
Clause: GB/T 22239-2019 8.1.4.2 a, 8.2.4.5 d (tenants' own keys).
Fix: name principals in the key's policy.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_crypto_key_closed",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.2 a"),
        Clause("GB/T 22239-2019", "8.2.4.5 d"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("密钥不对所有人开放", "Keys are not open to everybody"),
    remedy=Text(
        "在密钥策略中指明主体",
        "name principals in the key's policy",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per key whose policy admits everybody."""
    yield from unread(resource, "cryptoKeys", "密钥")
    for key in each(resource, "cryptoKeys"):
        said = Text(f"任何人可用密钥 {key['arn']}", f"anybody may use key {key['arn']}")
        yield from amiss(key.get("openToEverybody"), said, good=False)
