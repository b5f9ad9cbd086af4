"""People log in to the cluster through the hospital's central identity.

Why: Kubernetes knows no second factor and cannot revoke a client certificate: one that was lost
opens the cluster until it expires. A central identity asks for both and can be closed. Advisory:
a bastion in front of the API server may do so unseen.
Clause: GB/T 22239-2019 8.1.4.1 d (two factors), 8.1.4.2 c (accounts that left are closed).
Fix: `--oidc-issuer-url` or `--authentication-config`, with the identity provider asking for two.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="people_log_in_with_two_factors",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 d"), Clause("GB/T 22239-2019", "8.1.4.2 c")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("人员经统一身份登录集群", "People log in through a central identity"),
    remedy=Text(
        "接入支持双因素的统一身份（OIDC）",
        "connect an identity provider (OIDC) that asks for two factors",
    ),
)

WAYS = ("oidc-issuer-url", "authentication-config", "authentication-token-webhook-config-file")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if no such identity is connected, as far as the flags tell."""
    if not any(flag(resource, name) for name in WAYS):
        yield Text(
            "未接入统一身份，人员只凭证书登录",
            "no central identity is connected: people log in by certificate alone",
        )
