"""Where systems of level 3 are served, a channel with SM4 is offered.

Why: what patients and staff send must be secret by an algorithm and a protocol that the assessment
counts; AES over TLS scores as nothing, and the unit is one of high risk.
Clause: GB/T 39786-2021 8.2 c, chapter 5 (protocols: TLCP, GB/T 38636-2020; TLS 1.3 by RFC 8998).
Fix: accept TLCP with ECC_SM4_GCM_SM3 or its like at the way in, beside TLS for other browsers.
Waiver: nobody. That all callers use it is not seen here.
"""

from collections.abc import Iterator

from hospital.ciphers import by_sm4, suites
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="channel_encrypted_by_sm4",
    clauses=(Clause("GB/T 39786-2021", "8.2 c"), Clause("GB/T 39786-2021", "第5章 密码技术")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ENDPOINT,),
    title=Text("三级系统入口提供 SM4 加密", "Ways in to level 3 offer SM4"),
    remedy=Text(
        "入口启用 TLCP 的 SM4 套件（可与 TLS 并存）",
        "accept a suite of TLCP with SM4 at the ingress, beside TLS if need be",
    ),
)

FROM = 3  # 密评 level from which the clause says shall


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when no suite at the way in encrypts with SM4."""
    level, seen = resource.inputs["cryptoLevel"], resource.inputs["facts"]
    if resource.inputs["purpose"] != "ingress" or level < FROM:
        return
    if not any(by_sm4(suite) for _, suite in suites(seen)):
        address = resource.inputs["address"]
        yield Text(
            f"{address} 服务密评 {level} 级系统，不接受 SM4 套件",
            f"{address} serves systems of level {level} and accepts no suite with SM4",
        )
