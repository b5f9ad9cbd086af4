"""Clients ask for the name again soon: the TTL bounds how long they still go to the old site."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

MOST_SECONDS = 60  # practice


def check(facts: Facts) -> Answer:
    name = known(facts.name, "name")
    ttl = known(name.ttl_seconds, "name.ttl_seconds")
    zh, en = f"{name.name} 的 TTL 为 {ttl} 秒", f"the TTL of {name.name} is {ttl} s"
    return failed(zh, en) if ttl > MOST_SECONDS else passed(zh, en)


CHECK = Precheck(
    id="dns_ttl",
    part=Part.NETWORK,
    title=Text("域名 TTL 足够短", "The name's TTL is short"),
    severity=Severity.WARNING,
    remedy=Text(
        "提前一个旧 TTL 将其降至 60 秒以内", "lower it to 60 s, one old TTL before the cutover"
    ),
    function=check,
)
