"""The member at the target of a physical move is a standby: two primaries would fork the data."""

from __future__ import annotations

from hospital.prechecks.check import (
    PHYSICAL,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    if known(target(facts).standby, "target.standby"):
        return passed("目标成员为备库", "the member at the target is a standby")
    return failed("目标成员不是备库", "the member at the target is not a standby")


CHECK = Precheck(
    id="target_follows",
    part=Part.DATABASE,
    title=Text("目标成员为备库", "The target's member is a standby"),
    severity=Severity.BLOCKING,
    remedy=Text("以 patronictl list 查明集群状态", "look at the cluster with patronictl list"),
    function=check,
    methods=PHYSICAL,
    database=True,
    blind=True,
)
