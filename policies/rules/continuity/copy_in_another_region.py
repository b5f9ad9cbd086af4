"""A database of tier A has a copy, replica or backup, in another region.

Why: two campuses of one city share its river, its grid and its earthquakes; the usual answer is two
places and a third centre in another region.
Clause: GB/T 20988-2025 6.4 (choice of the recovery centre's place); industry practice 两地三中心.
Fix: add a member in another region, or send the backup there.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import holders, sites, users

RULE = Rule(
    id="copy_in_another_region",
    clauses=(Clause("GB/T 20988-2025", "6.4"), Clause("行业实践", "两地三中心")),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.SITE,),
    scope=Scope.ESTATE,
    title=Text("A 类数据在另一地区有副本", "Tier A data have a copy in another region"),
    remedy=Text(
        "在其他地区增加数据库成员或备份站点",
        "add a member in another region, or back up to one",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database that one regional disaster would take whole."""
    region = resource.inputs["site"]["region"]
    for database in resource.inputs.get("databases", ()):
        name = database["name"]
        backup = sites(facts).get(database.get("backupSite", ""))
        places = [*holders(facts, database), *([backup] if backup else [])]
        if {site["region"] for site in places} <= {region} and any(
            each["tier"] == "A" for each in users(facts, name)
        ):
            yield Text(
                f"数据库 {name} 的全部副本与备份均在 {region}",
                f"every replica and backup of {name} is in {region}",
            )
