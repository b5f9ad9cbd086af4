"""Every database is backed up to a site that is not its home.

Why: a replica repeats a wrong delete within milliseconds; only a backup forgets nothing, and only
elsewhere does it outlive the fire.
Clause: GB/T 22239-2019 8.1.4.9 a and b; GB/T 20988-2025 level 1 and above.
Fix: declare `backupSite`, another site than the one of the first member.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="backup_off_site",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.9 a"),
        Clause("GB/T 22239-2019", "8.1.4.9 b"),
        Clause("GB/T 20988-2025", "第1级"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE,),
    title=Text("数据库异地备份", "Databases are backed up off site"),
    remedy=Text(
        "填写 backupSite，且不同于主库所在站点",
        "declare backupSite, another site than the primary's",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database whose backup is missing or burns with it."""
    home = resource.inputs["site"]["name"]
    for database in resource.inputs.get("databases", ()):
        name, backup = database["name"], database.get("backupSite", "")
        if not backup:
            yield Text(f"数据库 {name} 未声明备份站点", f"database {name} declares no backup site")
        elif backup == home:
            yield Text(
                f"数据库 {name} 的备份与主库同在 {home}", f"{name} and its backup are at {home}"
            )
