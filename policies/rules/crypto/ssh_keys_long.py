"""The keys that prove a host, and that let people in, are long enough.

Why: a short RSA key is factored offline, and who has done so comes in as its owner.
Clause: GB/T 39786-2021 8.3 b; GB/T 22239-2019 8.1.4.1 c.
Fix: make new keys, RSA with 2048 bits or more and no DSA, and take the old lines out of
`authorized_keys`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="ssh_keys_long",
    clauses=(Clause("GB/T 39786-2021", "8.3 b"), Clause("GB/T 22239-2019", "8.1.4.1 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("SSH 密钥足够长", "SSH keys are long enough"),
    remedy=Text(
        "更换为 Ed25519、ECDSA、SM2 或 2048 位以上的 RSA 密钥",
        "replace them by Ed25519, ECDSA, SM2, or RSA of 2048 bits and more",
    ),
)

LEAST_RSA = 2048  # bits; below it RSA is of high risk in the assessment of cryptography


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per key of a host or of a user that is too short."""
    keys = facts_of(resource).get("sshKeys")
    if not keys:  # a host that answers SSH has a key
        yield unread("SSH 密钥", "the keys of SSH")
    for key in keys or ():
        file, kind, bits = key.rsplit(" ", 2)
        if kind == "DSA" or (kind == "RSA" and int(bits) < LEAST_RSA):
            yield Text(
                f"{file} 含 {bits} 位 {kind} 密钥", f"{file} holds a {kind} key of {bits} bits"
            )
