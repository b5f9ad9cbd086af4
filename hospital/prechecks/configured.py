"""What the workload needs is at the target: objects or, on hosts, program, settings and unit.

Nothing is copied by hand during a move: all of it is declared, and what is not there yet must come
from ``pulumi up``.
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
    there = known(facts.configured, "configured")
    if facts.hosts_there:
        hosts = listed(host.id for host in facts.hosts_there)
        if there:
            return passed(f"主机已就绪：{hosts}", f"ready on its hosts: {hosts}")
        return failed(f"主机尚未就绪：{hosts}", f"not ready on its hosts: {hosts}")
    if there:
        return passed("目标站点已有其全部对象", "its objects are at the target")
    return failed("目标站点缺少其对象", "its objects are not at the target")


CHECK = Precheck(
    id="configured",
    part=Part.DECLARATION,
    title=Text("目标站点已部署配置", "The target has what the workload needs"),
    severity=Severity.BLOCKING,
    remedy=Text("执行 pulumi up 后重新检查", "run pulumi up, then check again"),
    function=check,
)
