"""Data about people stay in the country (国卫规划发〔2022〕29号): no move across its border.

GB/T 39725-2020 level 1 may be public; everything above is somebody's data.
"""

from __future__ import annotations

from hospital.placement import RESIDENCE, RESIDENT_FROM_LEVEL
from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    passed,
    warned,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    level, country = facts.workload.data_level, facts.there.country
    if level >= RESIDENT_FROM_LEVEL and country != RESIDENCE:
        return failed(
            f"数据级别 {level} 不得出境，目标站点位于 {country}",
            f"data level {level} stays in {RESIDENCE}, the target is in {country}",
        )
    if country != facts.here.country:
        return warned(
            f"跨境迁移：{facts.here.country} 至 {country}",
            f"the move crosses a border: {facts.here.country} to {country}",
        )
    return passed(f"目标站点位于 {country}", f"the target is in {country}")


CHECK = Precheck(
    id="residency",
    part=Part.DUTIES,
    title=Text("数据不出境", "Data stay in the country"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "选择境内站点；确需出境须先通过数据出境安全评估",
        "choose a site in the country; an export needs a security assessment first",
    ),
    function=check,
    declared=True,
)
