"""A network in a public cloud has subnets in two availability zones.

Why: a zone of a cloud is one hall; with subnets in one only, nothing can be spread.
Clause: GB/T 22239-2019 8.1.2.1 e, 8.2.4.6 c. Advisory: another site may be the redundancy.
Fix: add a subnet in a second zone.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="subnets_in_two_zones",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 e"), Clause("GB/T 22239-2019", "8.2.4.6 c")),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.NETWORK,),
    title=Text("云网络跨可用区", "A cloud network spans two zones"),
    remedy=Text("在第二个可用区增加子网", "add a subnet in a second zone"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when fewer than two zones have a subnet."""
    zones = sorted(resource.inputs["subnets"])
    if len(zones) < 2:
        where = ", ".join(zones) or "-"
        yield Text(f"子网仅在可用区 {where}", f"there are subnets only in zone {where}")
