"""The target reaches the source's database: the firewall is open for the copy."""

from __future__ import annotations

from hospital.prechecks.check import (
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
    ports = known(known(facts.path, "path").forward, "path.forward")
    known(next(iter(ports), None), "path.forward")
    closed = [f"{each.origin} -> {each.address}" for each in ports if not each.answers]
    if closed:
        return failed(f"不通：{listed(closed)}", f"no answer: {listed(closed)}")
    shown = listed(f"{each.origin} -> {each.address}" for each in ports)
    return passed(f"可达：{shown}", f"reachable: {shown}")


CHECK = Precheck(
    id="ports_forward",
    part=Part.NETWORK,
    title=Text("目标可达源数据库", "The target reaches the source's database"),
    severity=Severity.BLOCKING,
    remedy=Text("在防火墙开通这些端口", "open these ports in the firewalls"),
    function=check,
    database=True,
)
