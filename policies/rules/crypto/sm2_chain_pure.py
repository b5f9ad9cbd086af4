"""A certificate with an SM2 key is signed with SM2 and SM3, all the way up.

Why: a chain proves as much as its weakest signature: an SM2 key under an RSA authority is proven by
RSA, and the assessment counts it as that.
Clause: GB/T 39786-2021 chapter 5 (algorithms, protocols: GM/T 0015 certificates), 8.2 a.
Fix: have it issued by an authority whose own keys are SM2.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.certificates import called, own_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="sm2_chain_pure",
    clauses=(
        Clause("GB/T 39786-2021", "第5章 密码算法"),
        Clause("GB/T 39786-2021", "第5章 密码技术"),
        Clause("GB/T 39786-2021", "8.2 a"),
    ),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ENDPOINT,),
    title=Text("SM2 证书链全程 SM2/SM3", "Chains of SM2 certificates are SM2 and SM3 throughout"),
    remedy=Text("由 SM2 CA 签发", "have it issued by an authority with SM2 keys"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per certificate signed otherwise, in a chain whose own certificate is SM2."""
    told = []
    for shown in resource.inputs["facts"]["shown"]:
        if all(certificate["key"] != "SM2" for certificate in own_of(shown)):
            continue
        for certificate in shown["chain"]:
            signer, digest = certificate["signer"], certificate["signature"]
            if (signer, digest) != ("SM2", "sm3") and certificate not in told:
                told.append(certificate)
                who, how = called(certificate), f"{signer} ({digest})"
                yield Text(f"{who} 由 {how} 签名", f"{who} is signed by {how}")
