"""A certificate lives thirteen months at most.

Why: a key that is used for ten years was copied by somebody in one of them, and nobody who issued
it is left to issue it again. Advisory: the limit is that of public authorities; a hospital's own
may choose.
Clause: GB/T 39786-2021 chapter 5 (life of keys).
Fix: issue for a year at most, and renew by a program.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from hospital.certificates import called, own
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="certificate_lifetime_short",
    clauses=(Clause("GB/T 39786-2021", "第5章 密钥管理"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.ENDPOINT,),
    title=Text("证书有效期不超过 398 天", "A certificate lives 398 days at most"),
    remedy=Text("证书按年签发并自动续期", "issue for a year, and renew by a program"),
)

LONGEST = timedelta(days=398)  # CA/Browser Forum, Baseline Requirements 6.3.2, from 2020-09-01


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per certificate of the endpoint's own that lives longer."""
    for certificate in own(resource.inputs["facts"]):
        first, last = (date.fromisoformat(certificate[key]) for key in ("notBefore", "notAfter"))
        if last - first > LONGEST:
            who, days = called(certificate), (last - first).days
            yield Text(f"{who} 有效期 {days} 天", f"{who} lives {days} days")
