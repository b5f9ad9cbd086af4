"""An endpoint takes an encrypted channel at all.

Why: what is said to it passes every switch on its way in clear: passwords, patients, orders.
Clause: GB/T 22239-2019 8.1.2.2 a and b, 8.1.4.7 a, 8.1.4.8 a; GB/T 39786-2021 8.2 c.
Fix: serve TLS or TLCP at the port. A port for plain HTTP may stay if all it does is send callers
to an https address.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="endpoint_takes_tls",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.2.2 a"),
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
        Clause("GB/T 22239-2019", "8.1.4.7 a"),
        Clause("GB/T 22239-2019", "8.1.4.8 a"),
        Clause("GB/T 39786-2021", "8.2 c"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ENDPOINT,),
    title=Text("端点使用加密通道", "An endpoint takes an encrypted channel"),
    remedy=Text(
        "端口改用 TLS 或 TLCP；明文 HTTP 端口仅可跳转至 https",
        "serve TLS or TLCP at the port; plain HTTP may only redirect to https",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when no handshake was taken and the caller was not sent to one that is."""
    seen = resource.inputs["facts"]
    if not seen["protocols"] and seen.get("plaintext") != "redirected":
        address = resource.inputs["address"]
        yield Text(f"{address} 不接受任何加密握手", f"{address} takes no encrypted handshake")
