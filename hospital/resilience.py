"""The level of disaster recovery that a workload really reaches, element by element.

GB/T 20988 knows six levels and seven resource elements, and a level is reached only when all seven
reach it. Four elements show in what is declared: how data are copied, where processing stands by,
how the network is switched, which plan there is. Building, staff and upkeep are shown by records
alone, so what is computed here is the most that can be claimed, never a certificate.

The levels of the objectives (RTO, RPO) follow the 2025 edition as it is reported (its official text
could not be read here); those of 2007 are kept beside them for comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from hospital.rule import Facts, Plain, Text
from hospital.surroundings import databases, holders, lines, plans, sites, span

NONE, HIGHEST = 0, 6
MINUTES = timedelta(minutes=30)  # how far "minutes" reaches; practice, in no standard
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Edition(StrEnum):
    """An edition of GB/T 20988."""

    OF_2007 = "2007"  # replaced since 2026-01-01; for comparison
    OF_2025 = "2025"


class Element(StrEnum):
    """The resource elements that a declaration shows."""

    DATA = "数据备份系统"
    PROCESSING = "备用数据处理系统"
    NETWORK = "备用网络系统"
    PLAN = "灾难恢复预案"


LONGEST_RTO = {
    Edition.OF_2025: {6: MINUTES, 5: 2 * HOUR, 4: 12 * HOUR, 3: DAY, 2: 7 * DAY},
    Edition.OF_2007: {6: MINUTES, 5: 2 * DAY, 4: 2 * DAY, 3: 2 * DAY, 2: 2 * DAY},
}
"""The longest RTO of each level; whatever is longer is of level 1."""

LONGEST_RPO = {6: timedelta(0), 5: timedelta(minutes=30), 4: DAY, 3: DAY, 2: 7 * DAY}
"""The longest RPO of each level, the same in both editions; 7 days is level 1's too."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one element of a workload goes, and what keeps it from the next level."""

    element: Element
    level: int  # 0 to 6
    lacks: Text | None  # None at level 6


@dataclass(frozen=True, slots=True)
class Standing:
    """A workload's levels: what its objectives claim, and what its elements reach."""

    workload: str
    claimed: int  # by RTO and RPO, edition of 2025
    claimed_2007: int
    elements: tuple[Reached, ...]

    @property
    def reached(self) -> int:
        """The level that every element reaches."""
        return min(each.level for each in self.elements)


def claimed(rto: timedelta, rpo: timedelta, *, edition: Edition) -> int:
    """The highest level (1 to 6) whose objectives are no stricter than these are."""
    return min(_level(rto, LONGEST_RTO[edition]), _level(rpo, LONGEST_RPO))


def standing(workload: Plain, facts: Facts) -> Standing:
    """The levels of a workload, as far as the known resources show them."""
    rto, rpo = span(workload["rto"]), span(workload["rpo"])
    return Standing(
        workload=workload["name"],
        claimed=claimed(rto, rpo, edition=Edition.OF_2025),
        claimed_2007=claimed(rto, rpo, edition=Edition.OF_2007),
        elements=(
            _data(workload, facts),
            _processing(workload, facts),
            _network(workload, facts),
            _plan(workload, facts),
        ),
    )


def _level(objective: timedelta, longest: dict[int, timedelta]) -> int:
    return next((level for level, limit in longest.items() if objective <= limit), 1)


def _data(workload: Plain, facts: Facts) -> Reached:
    """Backup off site, then copies in another failure domain, then copies that lose nothing."""
    database = databases(facts).get(workload["database"])
    if database is None:
        if not workload["database"]:
            return Reached(Element.DATA, HIGHEST, None)  # it keeps nothing
        return _lacking(Element.DATA, NONE, "数据库未知", "its database is not known")
    held = holders(facts, database)
    if len({site["failureDomain"] for site in held}) > 1:
        if database["replication"] == "synchronous":
            return Reached(Element.DATA, HIGHEST, None)
        return _lacking(
            Element.DATA, 5, "异步复制可能丢失数据", "an asynchronous copy may lose data"
        )
    backup = sites(facts).get(database.get("backupSite", ""))
    here = {site["failureDomain"] for site in held}
    if backup is None or backup["failureDomain"] in here:
        return _lacking(
            Element.DATA, NONE, "数据没有异地备份", "its data are backed up nowhere else"
        )
    return _lacking(
        Element.DATA, 4, "数据没有实时异地副本", "no copy elsewhere is kept in real time"
    )


def _processing(workload: Plain, facts: Facts) -> Reached:
    """A place elsewhere, room for some of it, room for all, and a start that waits for nobody."""
    able = _elsewhere(workload, facts)
    if not able:
        return _lacking(Element.PROCESSING, 1, "没有异地备用站点", "no standby site elsewhere")
    rooms = [_room(workload, site) for site in able]
    if max(rooms) < 1:
        return _lacking(
            Element.PROCESSING, 2, "备用站点容不下任何副本", "no standby holds a replica"
        )
    if max(rooms) < workload["replicas"]:
        return _lacking(
            Element.PROCESSING, 3, "备用站点只容得下部分副本", "standbys hold a part of it"
        )
    if not _automatic(workload, facts):
        return _lacking(Element.PROCESSING, 5, "接管须人工启动", "a person must start the takeover")
    return Reached(Element.PROCESSING, HIGHEST, None)


def _network(workload: Plain, facts: Facts) -> Reached:
    """A line and an entrance at a standby, switched by one action, then by none."""
    entered = [
        site
        for site in _elsewhere(workload, facts)
        if site["endpoints"]["ingress"]
        and any(workload["home"] in line["sites"] for line in lines(facts, site["name"]))
    ]
    if not entered:
        return _lacking(
            Element.NETWORK, 3, "备用站点没有线路或入口", "no standby with a line and an entrance"
        )
    if not any(site["endpoints"]["dns"] for site in entered):
        return _lacking(Element.NETWORK, 4, "名称解析不能切换", "no name server can be switched")
    if not _automatic(workload, facts):
        return _lacking(Element.NETWORK, 5, "切换须人工启动", "a person must start the switch")
    return Reached(Element.NETWORK, HIGHEST, None)


def _plan(workload: Plain, facts: Facts) -> Reached:
    if _plan_of(workload, facts) is None:
        return _lacking(Element.PLAN, NONE, "没有恢复预案", "no recovery plan names it")
    return Reached(Element.PLAN, HIGHEST, None)


def _lacking(element: Element, level: int, zh: str, en: str) -> Reached:
    return Reached(element, level, Text(zh, en))


def _elsewhere(workload: Plain, facts: Facts) -> list[Plain]:
    """The known standby sites that do not burn with the home."""
    known = sites(facts)
    home = known.get(workload["home"])
    standbys = (known[name] for name in workload["standbys"] if name in known)
    return [site for site in standbys if home and site["failureDomain"] != home["failureDomain"]]


def _room(workload: Plain, site: Plain) -> int:
    """How many replicas of it alone the site could hold; what else is there is another rule's."""
    cpu, memory = workload["cpuMillicores"], workload["memoryMebibytes"]
    rooms = [
        have // need
        for have, need in (
            (site.get("capacityMillicores", 0), cpu),
            (site.get("capacityMebibytes", 0), memory),
        )
        if need
    ]
    return min(rooms, default=int(workload["replicas"]))


def _plan_of(workload: Plain, facts: Facts) -> Plain | None:
    named = (plan for plan in plans(facts).values() if workload["name"] in plan["workloads"])
    return next(named, None)


def _automatic(workload: Plain, facts: Facts) -> bool:
    plan = _plan_of(workload, facts)
    return plan is not None and plan["mode"] == "automatic"
