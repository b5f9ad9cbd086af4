"""What the workload needs is at the target: namespace, Secret, objects, all from the declaration.

Nothing is copied by hand during a move, so what is not there yet must come from ``pulumi up``.
"""

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


def check(facts: Facts) -> Answer:
    if known(facts.configured, "configured"):
        return passed("目标站点已有其全部对象", "its objects are at the target")
    return failed("目标站点缺少其对象", "its objects are not at the target")


CHECK = Precheck(
    id="configured",
    part=Part.DECLARATION,
    title=Text("目标站点已部署配置", "The target has the workload's objects"),
    severity=Severity.BLOCKING,
    remedy=Text("执行 pulumi up 后重新检查", "run pulumi up, then check again"),
    function=check,
)
