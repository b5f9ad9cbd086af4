"""The API server knows everybody who asks.

Why: a request without a name belongs to the group `system:unauthenticated`; one careless binding
later strangers read patients' systems, and the audit log says `system:anonymous`.
Clause: GB/T 22239-2019 8.1.4.1 a (who logs in is identified), 8.1.4.2 a.
Fix: `--anonymous-auth=false`; give load balancers a certificate for their health checks.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="apiserver_refuses_anonymous",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"), Clause("GB/T 22239-2019", "8.1.4.2 a")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.CLUSTER,),
    title=Text("API 服务器拒绝匿名请求", "The API server refuses anonymous requests"),
    remedy=Text(
        "设置 --anonymous-auth=false，健康检查改用证书",
        "set --anonymous-auth=false and give health checks a certificate",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if strangers are let in, or nobody could read whether they are."""
    value = flag(resource, "anonymous-auth")
    if value is None:
        yield unread("anonymous-auth")
    elif value != "false":
        yield Text("API 服务器接受匿名请求", "the API server takes anonymous requests")
