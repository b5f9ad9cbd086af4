"""Every container has an image for the CPUs of the target's nodes, init containers too.

One forgotten init container is enough: the pod never starts, at the cutover of all moments.
"""

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
    components = known(facts.components, "components")
    images = known(facts.images, "images")
    nodes = [node for node in known(facts.nodes, "nodes") if node.site == facts.target_site]
    wanted = {node.architecture for node in nodes if node.ready}
    wanted &= set(facts.workload.architectures)
    if not wanted:
        return failed("目标站点没有适用架构的就绪节点", "no ready node there has a fitting CPU")
    have = {(image.reference, image.architecture) for image in images}
    missing = [
        f"{component.name} {architecture}"
        for component in components
        for architecture in sorted(wanted)
        if (component.image, architecture) not in have
    ]
    if missing:
        return failed(f"缺少镜像：{listed(missing)}", f"images are missing: {listed(missing)}")
    return passed(
        f"{len(components)} 个容器均有 {listed(sorted(wanted))} 镜像",
        f"{len(components)} containers have images for {listed(sorted(wanted))}",
    )


CHECK = Precheck(
    id="image_architecture",
    part=Part.PROGRAMS,
    title=Text("镜像适配目标架构", "Images for the target's CPUs"),
    severity=Severity.BLOCKING,
    remedy=Text("为目标架构构建并推送缺少的镜像", "build the missing images for that architecture"),
    function=check,
    blind=True,
    pods=TARGET,
)
