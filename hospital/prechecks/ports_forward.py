"""The target reaches the source's database: the firewall is open for the copy."""

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
    return reachable(known(facts.path, "path").forward, "path.forward")


CHECK = Precheck(
    id="ports_forward",
    part=Part.NETWORK,
    title=Text("目标可达源数据库", "The target reaches the source's database"),
    severity=Severity.BLOCKING,
    remedy=Text("在防火墙开通这些端口", "open these ports in the firewalls"),
    function=check,
    database=True,
)
