"""A server that may renegotiate binds the new handshake to the old one.

Why: without it somebody in between puts words of his own before those of a real client, and the
server takes both for one (CVE-2009-3555).
Clause: GB/T 22239-2019 8.1.4.4 e (known flaws are found and closed), 8.1.2.2 a. RFC 5746.
Fix: update the TLS library: each that is still supported does it.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="renegotiation_secure",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 e"), Clause("GB/T 22239-2019", "8.1.2.2 a")),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ENDPOINT,),
    title=Text("安全重协商", "Renegotiation is bound to the first handshake"),
    remedy=Text("升级 TLS 库", "update the TLS library"),
)

RENEGOTIATES = ("TLSv1.0", "TLSv1.1", "TLSv1.2")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when a version that can renegotiate is taken without the binding."""
    seen, address = resource.inputs["facts"], resource.inputs["address"]
    able = set(RENEGOTIATES) & set(seen["protocols"])
    if able and not seen.get("renegotiationSecure"):
        yield Text(
            f"{address} 不支持安全重协商（RFC 5746）",
            f"{address} does not bind renegotiation (RFC 5746)",
        )
