"""No certificate that an endpoint shows is signed over a broken digest.

Why: who makes two certificates with one MD5 or SHA-1 lets an authority sign the harmless one and
uses the other.
Clause: GB/T 39786-2021 chapter 5 (algorithms), 8.2 a.
Fix: let the authority sign with SM2 and SM3, or with SHA-256 and better. The signature of a root is
checked by nobody, so it is not judged.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.certificates import called, presented, self_issued
from hospital.ciphers import BROKEN_DIGESTS
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="certificate_signature_sound",
    clauses=(Clause("GB/T 39786-2021", "第5章 密码算法"), Clause("GB/T 39786-2021", "8.2 a")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ENDPOINT,),
    title=Text("证书签名摘要可靠", "Certificates are signed over a sound digest"),
    remedy=Text(
        "由 CA 以 SM2/SM3 或 SHA-256 以上重新签发",
        "let the authority sign with SM2 and SM3, or SHA-256 and better",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per certificate with a broken digest, or with an unreadable one."""
    for certificate in presented(resource.inputs["facts"]):
        who, digest = called(certificate), certificate["signature"]
        if self_issued(certificate):
            continue
        if digest in BROKEN_DIGESTS:
            yield Text(f"{who} 以 {digest} 签名", f"{who} is signed over {digest}")
        elif digest[:1].isdigit():  # an identifier for which nobody here has a name
            yield Text(
                f"{who} 的签名算法 {digest} 无法识别", f"{who}: signature {digest} is unreadable"
            )
