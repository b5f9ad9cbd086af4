"""The order of text is the same version at both ends, as far as indexes depend on it.

Physically another version means broken indexes at once. Logically indexes are built anew at the
target, so only what clients see changes: lists come in another order.
"""

from __future__ import annotations

from hospital.move import Method
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
    warned,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    here, there = source(facts), target(facts)
    indexes = known(here.text_indexes, "source.text_indexes")
    if not indexes:
        return passed("没有依赖排序规则的索引", "no index depends on a collation")
    ours = known(here.collation_version, "source.collation_version")
    theirs = known(there.collation_version, "target.collation_version")
    if ours == theirs:
        return passed(
            f"{len(indexes)} 个文本索引，版本均为 {ours or '无（按码位排序）'}",
            f"{len(indexes)} text indexes, version {ours or 'none (by code points)'} at both ends",
        )
    unique = [index.name for index in indexes if index.unique]
    zh = (
        f"版本 {ours or '无'} 至 {theirs or '无'}，文本索引 {len(indexes)} 个，"
        f"唯一 {listed(unique) or '无'}"
    )
    en = (
        f"version {ours or 'none'} to {theirs or 'none'}; {len(indexes)} text indexes, "
        f"unique: {listed(unique) or 'none'}"
    )
    return failed(zh, en) if facts.method is Method.PHYSICAL else warned(zh, en)


CHECK = Precheck(
    id="collation_version",
    part=Part.DATABASE,
    title=Text("排序规则版本", "One version of the collation"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "物理方式改为逻辑方式；逻辑方式以 amcheck 核对索引",
        "move logically instead of physically; afterwards verify indexes with amcheck",
    ),
    function=check,
    database=True,
    blind=True,
)
