"""Replicas and backups of health data stay at sites in China.

Why: a copy abroad is an export, whoever started it; replication and backup do it every second.
Clause: GB/T 22239-2019 8.2.4.5 a; 国卫规划发〔2022〕29号 articles 18 to 22.
Fix: choose members and `backupSite` at sites whose country is CN.
Waiver: nobody; an approved export is a workload at that site, said by `residency_in_china`.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import holders, sites, users

RULE = Rule(
    id="database_in_china",
    clauses=(
        Clause("GB/T 22239-2019", "8.2.4.5 a"),
        Clause("国卫规划发〔2022〕29号", "第18–22条"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.SITE,),
    scope=Scope.ESTATE,
    title=Text("数据库副本与备份存储在境内", "Replicas and backups stay in China"),
    remedy=Text(
        "数据库成员与 backupSite 改用 country 为 CN 的站点",
        "choose members and backupSite at sites whose country is CN",
    ),
)

PUBLIC = 1  # GB/T 39725-2020: may be disclosed to anybody


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per replica and backup at a site abroad that holds none of its workloads."""
    for database in resource.inputs.get("databases", ()):
        name = database["name"]
        held = [each for each in users(facts, name) if each["dataLevel"] > PUBLIC]
        there = {site for each in held for site in (each["home"], *each["standbys"])}
        copies = [("副本", "replica", site) for site in holders(facts, database)]
        copies.append(("备份", "backup", sites(facts).get(database.get("backupSite", "")) or {}))
        for zh, en, site in copies if held else ():
            if site.get("country", "CN") != "CN" and site["name"] not in there:
                where = site["name"]
                yield Text(
                    f"{name} 的{zh}位于境外站点 {where}", f"a {en} of {name} is at {where}, abroad"
                )
