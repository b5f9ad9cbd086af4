"""An endpoint shows a certificate, and its dates hold.

Why: callers that check refuse an expired certificate, and the system stands still; where people
learn to click it away, they click away the attacker's too.
Clause: GB/T 39786-2021 8.2 a (peers prove who they are); GB/T 22239-2019 8.1.2.2 b.
Fix: issue it again, and let a program renew it. A certificate that cannot be read proves nothing.
Waiver: nobody.
"""

from collections.abc import Iterator
from datetime import date

from hospital.certificates import called, own
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="certificate_in_date",
    clauses=(Clause("GB/T 39786-2021", "8.2 a"), Clause("GB/T 22239-2019", "8.1.2.2 b")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ENDPOINT,),
    title=Text("证书在有效期内", "A certificate is shown, and in date"),
    remedy=Text("重新签发证书并自动续期", "issue the certificate again, and renew it by a program"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per certificate out of its dates, and per name without a readable one."""
    seen, address = resource.inputs["facts"], resource.inputs["address"]
    if seen["protocols"] and not seen["shown"]:
        yield Text(f"{address} 未出示证书", f"{address} shows no certificate")
    for shown in seen["shown"]:
        if not shown["chain"]:
            names = ", ".join(shown["names"])
            yield Text(f"{names} 的证书未能读取", f"no certificate could be read for {names}")
    for certificate in own(seen):
        who, last = called(certificate), date.fromisoformat(certificate["notAfter"])
        if last < facts.today:
            yield Text(f"{who} 已于 {last} 过期", f"{who} expired on {last}")
        first = date.fromisoformat(certificate["notBefore"])
        if first > facts.today:
            yield Text(f"{who} 自 {first} 起方有效", f"{who} is valid from {first} only")
