"""The way in for people tells browsers to come back encrypted only.

Why: a browser that is told nothing tries plain HTTP first, and whoever sits in between keeps it
there. Advisory: no clause asks for the header by name.
Clause: GB/T 22239-2019 8.1.2.2 b.
Fix: `Strict-Transport-Security: max-age=31536000` on every answer of the ingress.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="hsts_sent",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.2 b"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.ENDPOINT,),
    title=Text("入口声明仅用 HTTPS", "The ingress sends Strict-Transport-Security"),
    remedy=Text(
        "入口的每个应答带 Strict-Transport-Security，不少于 180 天",
        "send Strict-Transport-Security of at least 180 days with every answer",
    ),
)

LEAST = 180 * 86400  # seconds; practice: what common scanners ask for


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the ingress sends it for too short a time, or not at all."""
    seen, address = resource.inputs["facts"], resource.inputs["address"]
    tls = [protocol for protocol in seen["protocols"] if protocol != "TLCP"]
    if resource.inputs["purpose"] != "ingress" or not tls:
        return
    seconds = seen.get("hstsSeconds")
    if seconds is None:
        yield Text(f"{address} 的 HSTS 未能读取", f"{address}: HSTS could not be read")
    elif seconds < LEAST:
        days = seconds // 86400
        yield Text(f"{address} 的 HSTS 仅 {days} 天", f"{address} sends HSTS for {days} days")
