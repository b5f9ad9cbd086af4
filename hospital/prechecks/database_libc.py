"""A physical move stays with one version of the C library, whose collations order its indexes.

glibc 2.28 reordered most of them: lookups then miss rows that are there. Not knowing it is no reason
to wait, since ``collation_version`` asks what depends on it, and that one waits.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    PHYSICAL,
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
    here = known(source(facts).libc, "source.libc")
    there = known(target(facts).libc, "target.libc")
    if here != there:
        return failed(f"C 库 {here}，目标为 {there}", f"the C library is {here}, there {there}")
    return passed(f"两端均为 {here}", f"{here} at both ends")


CHECK = Precheck(
    id="database_libc",
    part=Part.DATABASE,
    title=Text("物理迁移 C 库相同", "A physical move stays with one C library"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "改用逻辑方式，或统一两端操作系统版本", "move logically, or use one system at both ends"
    ),
    function=check,
    methods=PHYSICAL,
    database=True,
)
