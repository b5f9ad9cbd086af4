"""Where systems of level 3 are served inside, the way in asks its clients for a certificate.

Why: a name and a password are enough from any machine that reaches the network where nobody asks
for a key; patients' data are behind. Advisory: the clause leaves open by which cryptography a peer
proves who it is, and an approved gateway may ask in front. What the Internet comes to is left out:
patients have no certificates.
Clause: GB/T 39786-2021 8.2 a.
Fix: name the organisations of clients' certificates in `spec.clients` of the estate.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.readings import asks_less
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="clients_known_by_certificate",
    clauses=(Clause("GB/T 39786-2021", "8.2 a"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ENDPOINT,),
    title=Text("三级系统入口以证书识别客户端", "Ways in to level 3 know clients by certificate"),
    remedy=Text(
        "在院区声明 spec.clients 中列出客户端证书的单位",
        "name the organisations of clients' certificates in spec.clients of the estate",
    ),
)

FROM = 3  # 密评 level from which the clause says must
ENOUGH = ("requested", "required")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when a caller without a certificate is asked for none, or it could not be read."""
    inside = resource.inputs["purpose"] == "ingress" and resource.inputs["zone"] == "internal"
    if inside and resource.inputs["cryptoLevel"] >= FROM:
        address = resource.inputs["address"]
        zh, en = f"{address} 不识别客户端证书", f"{address} asks clients for no certificate"
        yield from asks_less(resource, ENOUGH, Text(zh, en))
