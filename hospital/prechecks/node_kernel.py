"""The target's kernels are not older than the source's: system calls may be missing.

Containers bring their programs, not their kernel.
"""

from __future__ import annotations

import re

from hospital.prechecks.check import (
    ENDS,
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
    nodes = known(facts.nodes, "nodes")
    kernels = {
        site: [
            _release(known(node.kernel, f"nodes[{node.name}].kernel"))
            for node in nodes
            if node.site == site
        ]
        for site in (facts.source_site, facts.target_site)
    }
    here = known(min(kernels[facts.source_site], default=None), "nodes of the source")
    there = known(min(kernels[facts.target_site], default=None), "nodes of the target")
    numbers = f"{here[0]}.{here[1]}", f"{there[0]}.{there[1]}"
    if there < here:
        return failed(
            f"目标内核 {numbers[1]} 早于现址 {numbers[0]}",
            f"the target's kernel {numbers[1]} is older than {numbers[0]}",
        )
    return passed(
        f"内核 {numbers[0]} 至 {numbers[1]}", f"kernel {numbers[0]} here, {numbers[1]} there"
    )


def _release(text: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", text)
    if found is None:
        return known(None, f"kernel {text!r}")
    return int(found[1]), int(found[2])


CHECK = Precheck(
    id="node_kernel",
    part=Part.PROGRAMS,
    title=Text("目标内核不更旧", "The target's kernel is not older"),
    severity=Severity.WARNING,
    remedy=Text(
        "升级目标节点的内核，或演练验证", "update those kernels, or let a rehearsal show it"
    ),
    function=check,
    pods=ENDS,
)
