"""The target has ready nodes that really run pods: what KWOK plays runs nothing."""

from __future__ import annotations

from hospital.prechecks.check import (
    TARGET,
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
    nodes = [node for node in known(facts.nodes, "nodes") if node.site == facts.target_site]
    ready = [node for node in nodes if node.ready]
    real = [node.name for node in ready if not node.simulated]
    if real:
        return passed(f"就绪节点 {listed(real)}", f"ready nodes: {listed(real)}")
    if ready:
        return failed("就绪节点全为模拟", "every ready node is simulated")
    return failed("没有就绪节点", "no node is ready")


CHECK = Precheck(
    id="nodes_real",
    part=Part.PROGRAMS,
    title=Text("目标节点就绪", "The target has nodes that run pods"),
    severity=Severity.BLOCKING,
    remedy=Text("修复或增加节点", "mend the nodes there, or add some"),
    function=check,
    blind=True,
    pods=TARGET,
)
