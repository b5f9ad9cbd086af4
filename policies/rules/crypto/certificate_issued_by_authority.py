"""What the Internet reaches shows a certificate that an authority answers for.

Why: nobody outside can tell a certificate that names itself as its issuer from an attacker's, so
patients learn to click the warning away.
Clause: GB/T 39786-2021 8.2 a, chapter 5 (services: authorities are licensed).
Fix: have it issued by a licensed authority, and serve the whole chain.
Waiver: nobody. Inside, a hospital's own authority is enough, which this rule does not judge.
"""

from collections.abc import Iterator

from hospital.addresses import is_public
from hospital.certificates import called, own, self_issued
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="certificate_issued_by_authority",
    clauses=(Clause("GB/T 39786-2021", "8.2 a"), Clause("GB/T 39786-2021", "第5章 密码服务")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ENDPOINT,),
    title=Text("互联网端点不使用自签名证书", "Nothing that the Internet reaches is self-signed"),
    remedy=Text("由有许可的 CA 签发证书", "have it issued by a licensed authority"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per own certificate that names itself as issuer, in the DMZ or in public."""
    address = resource.inputs["address"]
    if resource.inputs["zone"] != "dmz" and not is_public(address):
        return
    for certificate in own(resource.inputs["facts"]):
        if self_issued(certificate):
            who = called(certificate)
            yield Text(f"{address} 出示自签名证书 {who}", f"{address} shows {who}, self-signed")
