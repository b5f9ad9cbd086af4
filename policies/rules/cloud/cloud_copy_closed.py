"""Snapshots and images are encrypted and given to nobody.

Why: a snapshot that everybody may use is a database that everybody may read.
Clause: GB/T 22239-2019 8.2.4.4 c.
Fix: take the permission for everybody away; copy with encryption.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_copy_closed",
    clauses=(Clause("GB/T 22239-2019", "8.2.4.4 c"),),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.ACCOUNT,),
    title=Text("快照与镜像加密且不公开", "Snapshots and images are closed"),
    remedy=Text(
        "撤销公开权限，加密复制",
        "take the permission away; copy with encryption",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per copy in clear, one per copy that is public."""
    yield from unread(resource, "copies", "快照与镜像")
    for copy in each(resource, "copies"):
        name = copy["id"]
        if not copy["encrypted"]:
            yield Text(f"{name} 未加密", f"{name} is not encrypted")
        said = Text(f"任何人可使用 {name}", f"anybody may use {name}")
        yield from amiss(copy.get("public"), said, good=False)
