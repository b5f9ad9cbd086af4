"""No quota at the target stops the workload: the namespace's, or the cloud account's."""

from __future__ import annotations

from hospital.prechecks.check import (
    TARGET,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    quotas = known(facts.quotas, "quotas")
    tight = [
        f"{each.scope} {each.name}: {each.used}+{each.needed}/{each.limit}{each.unit}"
        for each in quotas
        if each.used + each.needed > each.limit
    ]
    if tight:
        return failed(f"超出配额：{listed(tight)}", f"above a quota: {listed(tight)}")
    return passed(f"{len(quotas)} 项配额均有余量", f"{len(quotas)} quotas leave room")


CHECK = Precheck(
    id="quotas",
    part=Part.ROOM,
    title=Text("配额足够", "Quotas leave room"),
    severity=Severity.BLOCKING,
    remedy=Text("提高配额，或向云服务商申请", "raise the quota, or apply to the provider"),
    function=check,
    pods=TARGET,
)
