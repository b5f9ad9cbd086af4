"""What a public cloud holds first is kept by the hospital as well.

Why: a contract ends, an account is locked, a provider fails; the records must still be there.
Clause: GB/T 22239-2019 8.2.4.6 a (the tenant keeps a local copy of its business data), d (and can
leave with it).
Fix: add a member at an on-prem site, or let `backupSite` be one.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import holders, sites

RULE = Rule(
    id="cloud_data_kept_locally",
    clauses=(
        Clause("GB/T 22239-2019", "8.2.4.6 a"),
        Clause("GB/T 22239-2019", "8.2.4.6 d"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE,),
    scope=Scope.ESTATE,
    title=Text("云上数据在本地留存副本", "Data in a public cloud are kept locally too"),
    remedy=Text(
        "在本地站点增加数据库成员，或将 backupSite 设为本地站点",
        "add a member at an on-prem site, or let backupSite be one",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database with its home in a public cloud and no copy at a site of ours."""
    site = resource.inputs["site"]
    if site["kind"] != "public-cloud":
        return
    for database in resource.inputs.get("databases", ()):
        backup = sites(facts).get(database.get("backupSite", ""))
        places = [*holders(facts, database), *([backup] if backup else [])]
        if not any(place["kind"] == "on-prem" for place in places):
            name, where = database["name"], site["name"]
            yield Text(
                f"数据库 {name} 主库在公有云 {where}，本地没有副本或备份",
                f"{name} lives at {where}, a public cloud, with no copy on premises",
            )
