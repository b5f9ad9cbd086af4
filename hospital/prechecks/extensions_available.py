"""Every extension of the source can be had at the target: its functions are part of the schema."""

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
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    used = known(source(facts).extensions, "source.extensions")
    there = known(target(facts).available_extensions, "target.available_extensions")
    missing = sorted(set(used) - set(there))
    if missing:
        return failed(f"目标缺少扩展 {listed(missing)}", f"the target lacks {listed(missing)}")
    return passed(
        f"扩展 {listed(sorted(used)) or '无'}", f"extensions: {listed(sorted(used)) or 'none'}"
    )


CHECK = Precheck(
    id="extensions_available",
    part=Part.DATABASE,
    title=Text("目标具备扩展", "The target has the extensions"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "在目标主机安装扩展软件包，或先在源库删除不用的扩展",
        "install their packages at the target, or drop unused ones at the source",
    ),
    function=check,
    database=True,
    blind=True,
)
