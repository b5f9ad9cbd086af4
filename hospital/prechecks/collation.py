"""Text is ordered by the same collation of the same provider at both ends.

Another one changes the order of lists and what is equal: a unique index may refuse rows that lived
side by side.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    here, there = source(facts), target(facts)
    ours = (
        known(here.collation_provider, "source.collation_provider"),
        known(here.collation, "source.collation"),
        known(here.character_type, "source.character_type"),
    )
    theirs = (
        known(there.collation_provider, "target.collation_provider"),
        known(there.collation, "target.collation"),
        known(there.character_type, "target.character_type"),
    )
    names = [" ".join(each) for each in (ours, theirs)]
    if ours != theirs:
        return failed(
            f"排序规则 {names[0]}，目标为 {names[1]}",
            f"the collation is {names[0]}, there {names[1]}",
        )
    return passed(f"排序规则 {names[0]}", f"the collation is {names[0]}")


CHECK = Precheck(
    id="collation",
    part=Part.DATABASE,
    title=Text("排序规则相同", "One collation at both ends"),
    severity=Severity.WARNING,
    remedy=Text(
        "以相同的 LOCALE_PROVIDER、LC_COLLATE、LC_CTYPE 建立目标库，或演练核对排序",
        "make the target with the same provider and locale, or let a rehearsal compare the order",
    ),
    function=check,
    database=True,
)
