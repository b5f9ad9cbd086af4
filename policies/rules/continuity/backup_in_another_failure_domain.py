"""A backup lies in another failure domain than the primary.

Why: two sites in one failure domain burn together; a backup in the next building is not elsewhere.
Clause: GB/T 22239-2019 8.1.4.9 b; GB/T 20988-2025 level 1 (kept off site).
Fix: let `backupSite` be a site of another failure domain.
Waiver: nobody. A backup at the primary's own site is said by `backup_off_site`.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import sites

RULE = Rule(
    id="backup_in_another_failure_domain",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.9 b"), Clause("GB/T 20988-2025", "第1级")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE,),
    scope=Scope.ESTATE,
    title=Text("备份位于其他故障域", "Backups lie in another failure domain"),
    remedy=Text(
        "backupSite 改为其他故障域的站点",
        "let backupSite be a site of another failure domain",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database whose backup site burns with the home."""
    home = resource.inputs["site"]
    for database in resource.inputs.get("databases", ()):
        backup = sites(facts).get(database.get("backupSite", ""))
        if backup is None or backup["name"] == home["name"]:
            continue
        if backup["failureDomain"] == home["failureDomain"]:
            name, where, domain = database["name"], backup["name"], home["failureDomain"]
            yield Text(
                f"数据库 {name} 的备份站点 {where} 与主库同处故障域 {domain}",
                f"{name} is backed up to {where}, in the primary's failure domain {domain}",
            )
