"""Patient data cross between the sites on a private, encrypted line (GB/T 22239-2019 8.1.2.2)."""

from __future__ import annotations

from hospital.latency import link_between
from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    passed,
    warned,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    link = link_between(facts.estate, facts.source_site, facts.target_site)
    if link is None:
        return failed("两站点间没有声明线路", "no line between the sites is declared")
    if not link.encrypted:
        return failed("两站点间线路未加密", "the line between the sites is not encrypted")
    if not link.private:
        return warned("线路加密，但不是专线", "the line is encrypted, but not private")
    return passed("专线且加密", "the line is private and encrypted")


CHECK = Precheck(
    id="link_protected",
    part=Part.NETWORK,
    title=Text("站点间线路受保护", "The line between the sites is protected"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "建立加密专线并在 links 中声明", "set up an encrypted private line and declare it in links"
    ),
    function=check,
    declared=True,
)
