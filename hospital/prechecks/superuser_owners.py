"""No superuser owns the workload's objects: the target would have to give it the same power."""

from __future__ import annotations

from hospital.prechecks.check import (
    LOGICAL,
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
    source,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    roles = known(source(facts).roles, "source.roles")
    names = [role.name for role in roles if role.superuser]
    if names:
        return failed(
            f"超级用户拥有对象或权限：{listed(names)}",
            f"superusers own or are granted objects: {listed(names)}",
        )
    return passed(f"{len(roles)} 个角色均非超级用户", f"none of {len(roles)} roles is a superuser")


CHECK = Precheck(
    id="superuser_owners",
    part=Part.CONTENT,
    title=Text("对象不属于超级用户", "No superuser owns its objects"),
    severity=Severity.WARNING,
    remedy=Text("REASSIGN OWNED 给系统自己的角色", "REASSIGN OWNED to the workload's own role"),
    function=check,
    methods=LOGICAL,
    database=True,
)
