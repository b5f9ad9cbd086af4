"""No licence ties the workload to the hardware or site that it leaves, unless its vendor agreed.

A dongle, a CPU's id or a MAC address does not move: the program starts at the target and refuses.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    licences = known(facts.licences, "licences")
    tied = [
        f"{each.product} ({each.bound_to})"
        for each in licences
        if each.bound_to != "none" and not each.valid_at_target
    ]
    ended = [
        each.product
        for each in licences
        if each.valid_until is not None and each.valid_until <= facts.now
    ]
    if tied or ended:
        return failed(
            f"绑定原站点：{listed(tied) or '无'}；已到期：{listed(ended) or '无'}",
            f"tied to the source: {listed(tied) or 'none'}; ended: {listed(ended) or 'none'}",
        )
    return passed(
        f"{len(licences)} 项许可可用于目标", f"{len(licences)} licences hold at the target"
    )


CHECK = Precheck(
    id="licences",
    part=Part.DUTIES,
    title=Text("许可可随迁", "Licences hold at the target"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "向厂商取得目标站点的许可或书面确认",
        "get a licence for the target, or its vendor's word in writing",
    ),
    function=check,
)
