"""The target holds the workload besides what runs there now."""

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
    zh = f"共需 {cpu}m / {memory}Mi，目标有 {room.millicores}m / {room.mebibytes}Mi"
    en = (
        f"{cpu}m / {memory}Mi needed in all, the target has {room.millicores}m / {room.mebibytes}Mi"
    )
    fits = cpu <= room.millicores and memory <= room.mebibytes
    return passed(zh, en) if fits else failed(zh, en)


CHECK = Precheck(
    id="capacity",
    part=Part.ROOM,
    title=Text("目标容量足够", "The target has room"),
    severity=Severity.BLOCKING,
    remedy=Text("为目标站点增加节点", "add nodes at the target"),
    function=check,
    pods=TARGET,
)
