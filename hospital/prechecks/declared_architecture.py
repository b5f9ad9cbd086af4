"""The workload is declared for a CPU architecture that the target has."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    listed,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    built, has = facts.workload.architectures, facts.there.architectures
    if facts.hosts_there:
        has = tuple(dict.fromkeys(host.architecture for host in facts.hosts_there))
    both = [each for each in built if each in has]
    if both:
        return passed(f"共同架构 {listed(both)}", f"architectures of both: {listed(both)}")
    return failed(
        f"系统支持 {listed(built)}，目标站点为 {listed(has)}",
        f"the workload is built for {listed(built)}, the target has {listed(has)}",
    )


CHECK = Precheck(
    id="declared_architecture",
    part=Part.DECLARATION,
    title=Text("声明的架构适配目标站点", "The declared architectures fit the target"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "为目标架构构建镜像，并在 architectures 中声明",
        "build images for the target's architecture and declare it in architectures",
    ),
    function=check,
    declared=True,
)
