"""Certificates at the target last: not one ends while both sites are still kept in step."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
    warned,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

DAY_SECONDS = 24 * 3600.0
SOON_DAYS = 30.0  # practice: time to order a new one


def check(facts: Facts) -> Answer:
    certificates = known(facts.certificates, "certificates")
    known(next(iter(certificates), None), "certificates")
    days = {each.place: (each.not_after - facts.now) / DAY_SECONDS for each in certificates}
    soak = facts.bounds.soak_seconds / DAY_SECONDS
    place = min(days, key=lambda each: days[each])
    zh, en = f"{place} 还有 {days[place]:.0f} 天到期", f"{place} ends in {days[place]:.0f} days"
    if days[place] <= soak:
        return failed(zh, en)
    return warned(zh, en) if days[place] <= SOON_DAYS else passed(zh, en)


CHECK = Precheck(
    id="certificate_expiry",
    part=Part.NETWORK,
    title=Text("目标证书未近到期", "The target's certificates last"),
    severity=Severity.BLOCKING,
    remedy=Text("更换即将到期的证书", "renew the certificates that end soon"),
    function=check,
)
