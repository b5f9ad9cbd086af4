"""The target holds it all with its largest node away (N+1): one broken machine is no outage."""

from __future__ import annotations

from hospital.prechecks.check import (
    TARGET,
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
    room, workload = known(facts.room, "room"), facts.workload
    cpu = room.used_millicores + workload.cpu_millicores * workload.replicas
    memory = room.used_mebibytes + workload.memory_mebibytes * workload.replicas
    left = room.millicores - room.largest_node_millicores
    left_memory = room.mebibytes - room.largest_node_mebibytes
    zh = f"{room.nodes} 个节点，少最大者剩 {left}m / {left_memory}Mi，需 {cpu}m / {memory}Mi"
    en = (
        f"{room.nodes} nodes; without the largest {left}m / {left_memory}Mi, "
        f"{cpu}m / {memory}Mi needed"
    )
    return passed(zh, en) if cpu <= left and memory <= left_memory else failed(zh, en)


CHECK = Precheck(
    id="capacity_spare",
    part=Part.ROOM,
    title=Text("目标容量满足 N+1", "The target has room with one node away"),
    severity=Severity.WARNING,
    remedy=Text("为目标站点增加节点", "add nodes at the target"),
    function=check,
    pods=TARGET,
)
