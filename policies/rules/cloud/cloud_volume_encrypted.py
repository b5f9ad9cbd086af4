"""Disks in the cloud are encrypted, those of managed databases too.

Why: the disk is somebody else's; so is the shelf that it ends on.
Clause: GB/T 22239-2019 8.1.4.8 b; GB/T 39786-2021 8.4 e. Declared databases are judged by
`storage_encrypted`.
Fix: copy to an encrypted disk, and turn encryption on by default.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_volume_encrypted",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.8 b"),
        Clause("GB/T 39786-2021", "8.4 e"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("云盘加密", "Disks in the cloud are encrypted"),
    remedy=Text(
        "复制到加密云盘，并启用默认加密",
        "copy to an encrypted disk; encrypt by default",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per disk in clear."""
    yield from unread(resource, "volumes", "云盘")
    for volume in each(resource, "volumes"):
        if not volume["encrypted"]:
            yield Text(f"云盘 {volume['id']} 未加密", f"{volume['id']} is not encrypted")
