"""The token of a service account that was deleted opens nothing.

Why: without the look-up the API server checks a signature only, and a token outlives the account,
the pod and the namespace that it was made for.
Clause: GB/T 22239-2019 8.1.4.2 c (stale accounts are removed in time).
Fix: leave `--service-account-lookup` on.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="token_dies_with_its_account",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 c"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.CLUSTER,),
    title=Text("服务账号删除后令牌即失效", "A token dies with its account"),
    remedy=Text(
        "保持 --service-account-lookup=true",
        "leave --service-account-lookup on",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if tokens are not looked up, or nobody could read whether."""
    value = flag(resource, "service-account-lookup")
    if value is None:
        yield unread("service-account-lookup")
    elif value != "true":
        yield Text("不核对令牌所属账号是否存在", "tokens are taken although their account is gone")
