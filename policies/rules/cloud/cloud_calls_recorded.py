"""Every call that changes the cloud is written down, in every region.

Why: who deletes a machine or opens a bucket does it by a call; without a record nobody did it.
Clause: GB/T 22239-2019 8.1.4.3 a, and 8.2.3.3 a for a cloud.
Fix: turn on a trail for all regions that records what changes something.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_calls_recorded",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.3 a"),
        Clause("GB/T 22239-2019", "8.2.3.3 a"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ACCOUNT,),
    title=Text("云上操作均有审计记录", "Calls that change the cloud are recorded"),
    remedy=Text(
        "启用覆盖全部区域、记录变更操作且正在记录的审计轨迹",
        "turn on a trail for all regions that records changes",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if no trail does it all, or if it is not known of the one that may."""
    yield from unread(resource, "trails", "审计轨迹")
    if resource.inputs["facts"].get("trails") is None:
        return
    trails = [trail for trail in each(resource, "trails") if trail["everyRegion"]]
    known = [(trail.get("logging"), trail.get("writes")) for trail in trails]
    if (True, True) in known:
        return
    open_ = any(False not in pair for pair in known)
    said = Text("没有覆盖全部区域并正在记录变更的轨迹", "no trail records changes in all regions")
    yield from amiss(None if open_ else False, said)
