"""A certificate is renewed while there is still time to.

Why: thirty days are time for an authority that does not answer, a wrong name, a holiday. Advisory:
it is still valid.
Clause: GB/T 39786-2021 8.2 a, chapter 5 (life of keys).
Fix: let a program renew it after two thirds of its life.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from hospital.certificates import called, own
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="certificate_renewed_in_time",
    clauses=(Clause("GB/T 39786-2021", "8.2 a"), Clause("GB/T 39786-2021", "第5章 密钥管理")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ENDPOINT,),
    title=Text("证书及时续期", "A certificate is renewed in time"),
    remedy=Text("到期前 30 天以上续期", "renew it more than 30 days before it expires"),
)

AHEAD = timedelta(days=30)  # practice


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per certificate of the endpoint's own that ends soon."""
    for certificate in own(resource.inputs["facts"]):
        last = date.fromisoformat(certificate["notAfter"])
        if facts.today <= last < facts.today + AHEAD:
            who, days = called(certificate), (last - facts.today).days
            yield Text(f"{who} 还有 {days} 天到期", f"{who} expires in {days} days")
