"""Where systems of level 3 are served, a channel with SM3 is offered.

Why: an order that somebody changes on its way must not arrive, by an algorithm that the assessment
counts: suites with SM4 and SHA-1 or SHA-256 exist, and count for half. Advisory: the clause says
should, and an approved plan may argue otherwise.
Clause: GB/T 39786-2021 8.2 b, chapter 5 (algorithms).
Fix: accept suites that end in `_SM3`.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.ciphers import by_sm3, suites
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="channel_integrity_by_sm3",
    clauses=(Clause("GB/T 39786-2021", "8.2 b"), Clause("GB/T 39786-2021", "第5章 密码算法")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ENDPOINT,),
    title=Text("三级系统入口以 SM3 保护完整性", "Ways in to level 3 offer SM3"),
    remedy=Text("入口接受以 _SM3 结尾的套件", "accept suites that end in _SM3 at the ingress"),
)

FROM = 3  # 密评 level from which the clause says should


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when no suite at the way in rests on SM3."""
    level, seen = resource.inputs["cryptoLevel"], resource.inputs["facts"]
    if resource.inputs["purpose"] != "ingress" or level < FROM:
        return
    if not any(by_sm3(suite) for _, suite in suites(seen)):
        address = resource.inputs["address"]
        yield Text(f"{address} 不接受 SM3 套件", f"{address} accepts no suite with SM3")
