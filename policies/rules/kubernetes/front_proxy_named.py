"""Only the front proxy may say who somebody is.

Why: the API server believes the user name in a header if its sender shows a certificate of the
front proxy's authority. If that is everybody's authority, everybody may be anybody.
Clause: GB/T 22239-2019 8.1.4.1 a (who logs in is identified), 8.1.4.2 d.
Fix: an authority of its own for `--requestheader-client-ca-file`, names in
`--requestheader-allowed-names`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, listed, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="front_proxy_named",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 a"), Clause("GB/T 22239-2019", "8.1.4.2 d")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.CLUSTER,),
    title=Text("仅前置代理可代述用户身份", "Only the front proxy may say who somebody is"),
    remedy=Text(
        "为前置代理单独签发 CA 并限定证书名称",
        "give the front proxy an authority of its own and list its names",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per way to pass for the front proxy; none where no header is believed."""
    authority = flag(resource, "requestheader-client-ca-file")
    if authority is None:
        yield unread("requestheader-client-ca-file")
    elif authority and authority == flag(resource, "client-ca-file"):
        yield Text(
            "前置代理与所有用户共用一个 CA",
            "the front proxy's authority is that of all users",
        )
    elif authority and not listed(flag(resource, "requestheader-allowed-names") or ""):
        yield Text("前置代理证书名称不限", "any certificate of the front proxy's authority will do")
