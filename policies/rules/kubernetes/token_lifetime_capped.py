"""Nobody makes a token that lives for years.

Why: who may ask for a token also says how long it lives; without a cap one request opens the
cluster for ever. Advisory: the clause gives no number, and a day is practice.
Clause: GB/T 22239-2019 8.1.4.1 a (secrets are changed regularly).
Fix: `--service-account-max-token-expiration=24h`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="token_lifetime_capped",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("令牌最长有效期有上限", "The lifetime of tokens is capped"),
    remedy=Text(
        "设置 --service-account-max-token-expiration，如 24h",
        "set --service-account-max-token-expiration, to 24h for instance",
    ),
)

NONE = ("", "0s")  # as Go prints no duration


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if there is no cap, or nobody could read it."""
    value = flag(resource, "service-account-max-token-expiration")
    if value is None:
        yield unread("service-account-max-token-expiration")
    elif value in NONE:
        yield Text("令牌有效期没有上限", "the lifetime of tokens has no cap")
