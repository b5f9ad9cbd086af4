"""Where systems of level 3 are served, the server proves itself with SM2.

Why: whoever calls from outside must know whom he talks to, by an algorithm that the assessment
counts; RSA and EC score as nothing, and the unit is one of high risk.
Clause: GB/T 39786-2021 8.2 a, chapter 5 (algorithms).
Fix: serve TLCP with SM2 certificates beside TLS, by a certified gateway or library.
Waiver: nobody. Where a certified gateway stands in front, declare its address as the ingress.
"""

from collections.abc import Iterator

from hospital.certificates import own
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="channel_authenticated_by_sm2",
    clauses=(Clause("GB/T 39786-2021", "8.2 a"), Clause("GB/T 39786-2021", "第5章 密码算法")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ENDPOINT,),
    title=Text("三级系统入口以 SM2 证书鉴别", "Ways in to level 3 prove themselves with SM2"),
    remedy=Text(
        "入口启用 TLCP 与 SM2 证书（可与 TLS 并存）",
        "serve TLCP with SM2 certificates at the ingress, beside TLS if need be",
    ),
)

FROM = 3  # 密评 level from which the clause says shall


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when none of the certificates at the way in has an SM2 key."""
    level, seen = resource.inputs["cryptoLevel"], resource.inputs["facts"]
    if resource.inputs["purpose"] != "ingress" or level < FROM:
        return
    if all(certificate["key"] != "SM2" for certificate in own(seen)):
        address = resource.inputs["address"]
        yield Text(
            f"{address} 服务密评 {level} 级系统，未出示 SM2 证书",
            f"{address} serves systems of level {level} and shows no SM2 certificate",
        )
