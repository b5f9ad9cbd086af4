"""The keys of all certificates that an endpoint shows are strong.

Why: who computes the key is the endpoint, and who computes the authority's is every endpoint. RSA
of 1024 bits is within a state's reach.
Clause: GB/T 39786-2021 chapter 5 (algorithms), 8.2 a.
Fix: SM2, EC of 256 bits, or RSA of 2048 bits at least.
Waiver: nobody. Whether RSA and EC may stay where SM2 is due is `channel_authenticated_by_sm2`'s
matter.
"""

from collections.abc import Iterator

from hospital.certificates import called, presented
from hospital.ciphers import LEAST_BITS
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="certificate_key_strong",
    clauses=(Clause("GB/T 39786-2021", "第5章 密码算法"), Clause("GB/T 39786-2021", "8.2 a")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ENDPOINT,),
    title=Text("证书密钥强度足够", "The keys of certificates are strong"),
    remedy=Text("使用 SM2、256 位 EC 或 2048 位以上 RSA", "use SM2, EC of 256 bits, RSA of 2048"),
)

FIXED = ("Ed25519", "Ed448")  # one size, and it is enough


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per certificate whose key is too small, or of a kind that nobody here knows."""
    for certificate in presented(resource.inputs["facts"]):
        who, key = called(certificate), certificate["key"]
        bits, least = certificate.get("keyBits"), LEAST_BITS.get(key)
        if key in FIXED:
            continue
        if bits is None or least is None:
            yield Text(f"{who} 的密钥算法 {key} 无法识别", f"{who}: key {key} is unreadable")
        elif bits < least:
            yield Text(f"{who} 的 {key} 密钥仅 {bits} 位", f"{who}: {key} key of {bits} bits only")
