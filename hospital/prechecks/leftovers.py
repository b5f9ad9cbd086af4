"""Nothing of an earlier migration is left at either end.

A forgotten slot keeps write-ahead log until the disk is full; a forgotten subscription would go on
writing into the target.
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
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    left = [
        f"{end}: {name}"
        for end, database in (("source", source(facts)), ("target", target(facts)))
        for name in known(database.leftovers, f"{end}.leftovers").names
    ]
    if left:
        return failed(f"遗留对象：{listed(left)}", f"left behind: {listed(left)}")
    return passed("没有遗留对象", "nothing is left behind")


CHECK = Precheck(
    id="leftovers",
    part=Part.STATE,
    title=Text("没有上次迁移的遗留", "Nothing is left of an earlier migration"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "回退或定稿上次迁移；确认无主后删除",
        "roll back or finalize the earlier migration; drop what belongs to none",
    ),
    function=check,
    database=True,
    blind=True,
)
