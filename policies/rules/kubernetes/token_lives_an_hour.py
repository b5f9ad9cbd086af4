"""A pod's token expires when it says so.

Why: the API server stretches the hour that a mounted token is meant to live to a year unless told
not to. A token copied out of a pod then opens the cluster for that long.
Clause: GB/T 22239-2019 8.1.4.1 a (secrets are changed regularly).
Fix: `--service-account-extend-token-expiration=false`; clients of today read their token again.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="token_lives_an_hour",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("容器令牌不被延长为一年", "A pod's token is not stretched to a year"),
    remedy=Text(
        "设置 --service-account-extend-token-expiration=false",
        "set --service-account-extend-token-expiration=false",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if tokens are stretched, or nobody could read whether."""
    value = flag(resource, "service-account-extend-token-expiration")
    if value is None:
        yield unread("service-account-extend-token-expiration")
    elif value != "false":
        yield Text("容器令牌有效期被延长为一年", "the tokens of pods are stretched to a year")
