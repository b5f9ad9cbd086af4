"""Databases and buckets are encrypted where they are stored.

Why: disks are replaced, stolen and returned; a backup in the cloud lies on somebody else's.
Clause: GB/T 22239-2019 8.1.4.8 b; GB/T 39786-2021 8.4 e; GB/T 39725-2020, data of level 3.
Fix: encrypt the volume, the table space or the bucket, with a key of the hospital's.
Waiver: nobody. Which algorithm, and whose key, stays with the assessment.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="storage_encrypted",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.8 b"),
        Clause("GB/T 39786-2021", "8.4 e"),
        Clause("GB/T 39725-2020", "第3级数据"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.SITE, Kind.BUCKET),
    title=Text("存储加密", "Stored data are encrypted"),
    remedy=Text(
        "启用存储加密并填写 encryptedAtRest: true（数据库）或 encrypted: true（存储桶）",
        "encrypt the storage; declare encryptedAtRest (database) or encrypted (bucket) as true",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database, or the bucket, that is stored in clear."""
    if resource.kind is Kind.BUCKET and not resource.inputs.get("encrypted", False):
        yield Text(f"存储桶 {resource.name} 未加密", f"bucket {resource.name} is not encrypted")
    for database in resource.inputs.get("databases", ()):
        if not database["encryptedAtRest"]:
            name = database["name"]
            yield Text(f"数据库 {name} 未加密存储", f"database {name} is stored in clear")
