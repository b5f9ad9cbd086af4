"""The target's CPUs have what the programs were built for: AVX, crypto extensions, SVE.

A program that needs more dies of an illegal instruction, often only in the one branch that uses it.
Features are declared by ``xinglin.dev/cpu-features`` on pods and images.
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
    here = {node.architecture for node in nodes}
    needed = {feature for component in components for feature in component.cpu_features}
    for image in images:
        if image.architecture in here:
            needed |= set(known(image.cpu_features, f"images[{image.reference}].cpu_features"))
    if not needed:
        return passed("未声明特殊指令集", "no special instructions are declared")
    lacking = [
        f"{node.name}: {', '.join(sorted(missing))}"
        for node in nodes
        if (missing := needed - set(known(node.cpu_flags, f"nodes[{node.name}].cpu_flags")))
    ]
    if lacking:
        return failed(
            f"节点缺少指令集：{listed(lacking)}", f"nodes lack features: {listed(lacking)}"
        )
    return passed(f"节点均具备 {listed(sorted(needed))}", f"nodes have {listed(sorted(needed))}")


CHECK = Precheck(
    id="cpu_features",
    part=Part.PROGRAMS,
    title=Text("指令集满足需要", "CPUs have the features that are needed"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "为目标 CPU 重新构建程序，或更换节点", "rebuild for the target's CPUs, or use other nodes"
    ),
    function=check,
    pods=TARGET,
)
