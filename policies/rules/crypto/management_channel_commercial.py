"""Systems of level 3 are managed over a channel with commercial cryptography.

Why: who listens on that channel, or changes what is said, has the whole platform. Advisory: an SSL
VPN with SM algorithms in front of it is the usual answer, and is not seen from here.
Clause: GB/T 39786-2021 8.3 b.
Fix: reach the API servers through a certified VPN or bastion, or a proxy that speaks TLCP.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.ciphers import by_sm4, suites
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="management_channel_commercial",
    clauses=(Clause("GB/T 39786-2021", "8.3 b"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ENDPOINT,),
    title=Text("三级系统管理通道使用商用密码", "Level 3 is managed over commercial cryptography"),
    remedy=Text(
        "经国密 VPN、堡垒机或 TLCP 代理访问管理端点",
        "reach it through a certified VPN or bastion, or a proxy that speaks TLCP",
    ),
)

FROM = 3  # 密评 level at which the clause exists
MANAGEMENT = ("kubernetes", "hub", "cloud")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when a management endpoint of such systems takes no suite with SM4."""
    level, seen = resource.inputs["cryptoLevel"], resource.inputs["facts"]
    if resource.inputs["purpose"] not in MANAGEMENT or level < FROM or not seen["protocols"]:
        return
    if not any(by_sm4(suite) for _, suite in suites(seen)):
        address = resource.inputs["address"]
        yield Text(f"管理端点 {address} 不接受商密套件", f"{address} takes no suite with SM4")
