"""A host is of the CPU architecture that was declared.

Why: images, packages and replication are chosen by it; a host of another kind is no standby.
Clause: GB/T 22239-2019 8.1.10.2.
Fix: correct `architecture` in the declaration, or put the declared machine there.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_architecture_as_declared",
    clauses=(Clause("GB/T 22239-2019", "8.1.10.2"),),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("主机架构与声明一致", "A host is of the architecture that was declared"),
    remedy=Text("改正声明，或更换主机", "correct the declaration, or replace the host"),
)

MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "loongarch64": "loong64"}  # `uname -m`


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the kernel names another architecture."""
    declared = resource.inputs["host"]["architecture"]
    found = facts_of(resource)["machine"]
    if MACHINES.get(found, found) != declared:
        yield Text(f"声明为 {declared}，实为 {found}", f"declared as {declared}, it is {found}")
