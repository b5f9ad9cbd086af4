"""The source reaches the target's database: without the way back there is no rollback.

Firewalls are usually opened one way only; it shows after the cutover, when it is too late.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    known,
    reachable,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    return reachable(known(facts.path, "path").back, "path.back")


CHECK = Precheck(
    id="ports_back",
    part=Part.NETWORK,
    title=Text("源端可达目标数据库（回退）", "The source reaches the target's database"),
    severity=Severity.BLOCKING,
    remedy=Text("在防火墙开通反向端口", "open the ports of the way back too"),
    function=check,
    database=True,
)
