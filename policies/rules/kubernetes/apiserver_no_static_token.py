"""Nobody logs in with a token from a file.

Why: a token in `--token-auth-file` never expires, lies in clear text on the server, and changes
only when the API server is started again.
Clause: GB/T 22239-2019 8.1.4.1 a (secrets are strong and change), 8.1.4.2 c (no stale accounts).
Fix: remove `--token-auth-file`; use certificates, OpenID Connect or service accounts.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="apiserver_no_static_token",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"), Clause("GB/T 22239-2019", "8.1.4.2 c")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.CLUSTER,),
    title=Text("不使用静态令牌文件", "Nobody logs in with a token from a file"),
    remedy=Text(
        "移除 --token-auth-file，改用证书、OIDC 或服务账号",
        "remove --token-auth-file; use certificates, OIDC or service accounts",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if there is such a file, or nobody could read whether."""
    value = flag(resource, "token-auth-file")
    if value is None:
        yield unread("token-auth-file")
    elif value:
        yield Text(f"使用静态令牌文件 {value}", f"static tokens are read from {value}")
