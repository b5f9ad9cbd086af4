"""TLCP shows two certificates: one that signs, one that encrypts.

Why: the key that encrypts is made and kept by the authority, so that data can be read when it must
be; the key that signs never leaves its owner, so that nobody else signs. One key for both is
neither.
Clause: GB/T 39786-2021 chapter 5 (protocols: GB/T 38636-2020), 8.2 a.
Fix: have both issued, with the key usages of their work, and configure both in that order.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.certificates import called, own_of
from hospital.ciphers import TLCP
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="tlcp_shows_two_certificates",
    clauses=(Clause("GB/T 39786-2021", "第5章 密码技术"), Clause("GB/T 39786-2021", "8.2 a")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ENDPOINT,),
    title=Text("TLCP 使用签名与加密双证书", "TLCP shows a signing and an encrypting certificate"),
    remedy=Text("分别签发签名证书与加密证书并依次配置", "issue and configure both, in that order"),
)

SIGNS = {"digital_signature"}
ENCRYPTS = {"key_encipherment", "data_encipherment", "key_agreement"}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per TLCP chain without a first that only signs and a second that only encrypts."""
    address = resource.inputs["address"]
    for shown in resource.inputs["facts"]["shown"]:
        own = own_of(shown)
        if shown["protocol"] != TLCP or not own:
            continue
        works = [set(certificate["usages"]) & (SIGNS | ENCRYPTS) for certificate in own]
        if (
            len(works) < 2
            or not works[0]
            or not works[1]
            or works[0] - SIGNS
            or works[1] - ENCRYPTS
        ):
            who = called(own[0])
            yield Text(
                f"{address} 的 TLCP 未出示签名与加密双证书：{who}",
                f"{address}: TLCP shows no pair of certificates beside {who}",
            )
