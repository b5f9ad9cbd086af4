"""A database that holds data of a level 3 system has a replica in another failure domain.

Why: at level 3 the copy elsewhere must be fed all the time; a nightly backup loses a day of orders.
Clause: GB/T 22239-2019 8.1.4.9 b (off-site, in real time, over the network).
Fix: add a member at a site of another failure domain.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import holders, users

RULE = Rule(
    id="database_replicated_off_site",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.9 b"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE,),
    scope=Scope.ESTATE,
    title=Text(
        "三级系统的数据库有异地副本", "Databases of level 3 systems have a replica off site"
    ),
    remedy=Text(
        "在其他故障域的站点增加数据库成员",
        "add a member at a site of another failure domain",
    ),
)

REAL_TIME_FROM = 3  # 等保 level; below it a periodic copy is enough


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database of which all members would burn together."""
    own = resource.inputs["site"]["failureDomain"]
    for database in resource.inputs.get("databases", ()):
        name = database["name"]
        graded = [it["name"] for it in users(facts, name) if it["mlpsLevel"] >= REAL_TIME_FROM]
        if graded and {site["failureDomain"] for site in holders(facts, database)} <= {own}:
            yield Text(
                f"数据库 {name} 的成员均在故障域 {own}（三级业务 {', '.join(graded)}）",
                f"all members of {name} are in {own}; level 3: {', '.join(graded)}",
            )
