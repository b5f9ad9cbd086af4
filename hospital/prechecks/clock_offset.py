"""The clocks of all machines agree: lag, certificates and evidence are told by them."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    milliseconds,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

MOST_SECONDS = 1.0  # practice


def check(facts: Facts) -> Answer:
    offsets = known(facts.clock_offsets, "clock_offsets")
    known(next(iter(offsets), None), "clock_offsets")
    spread = max(offsets.values()) - min(offsets.values())
    zh, en = f"时钟相差 {milliseconds(spread)}", f"clocks differ by {milliseconds(spread)}"
    return failed(zh, en) if spread > MOST_SECONDS else passed(zh, en)


CHECK = Precheck(
    id="clock_offset",
    part=Part.STATE,
    title=Text("时钟一致", "Clocks agree"),
    severity=Severity.WARNING,
    remedy=Text("检查各主机的 chrony", "look at chrony on the hosts"),
    function=check,
)
