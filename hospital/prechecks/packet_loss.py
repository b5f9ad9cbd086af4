"""The line loses next to nothing: TCP halves its pace for each loss, more so on long lines."""

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

MOST = 0.001  # practice; at 20 ms it bounds one stream to about 20 Mbit/s (Mathis 1997)


def check(facts: Facts) -> Answer:
    loss = known(known(facts.path, "path").loss_ratio, "path.loss_ratio")
    zh, en = f"丢包 {loss:.3%}", f"{loss:.3%} lost"
    return failed(zh, en) if loss > MOST else passed(zh, en)


CHECK = Precheck(
    id="packet_loss",
    part=Part.NETWORK,
    title=Text("线路几乎不丢包", "The line loses next to nothing"),
    severity=Severity.WARNING,
    remedy=Text("请运营商排查线路，并检查 MTU", "have the line looked at; check its MTU"),
    function=check,
)
