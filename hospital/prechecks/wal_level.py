"""Both ends write a log that rows can be decoded from: the way back starts at the target."""

from __future__ import annotations

from hospital.move import Method
from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    levels = {
        "source": known(source(facts).wal_level, "source.wal_level"),
        "target": known(target(facts).wal_level, "target.wal_level"),
    }
    enough = {"logical"} if facts.method is Method.LOGICAL else {"logical", "replica"}
    wrong = [f"{end} {level}" for end, level in levels.items() if level not in enough]
    if wrong:
        return failed(f"wal_level 不足：{listed(wrong)}", f"wal_level is too low: {listed(wrong)}")
    return passed(
        f"wal_level 为 {levels['source']}、{levels['target']}",
        f"wal_level is {levels['source']} here, {levels['target']} there",
    )


CHECK = Precheck(
    id="wal_level",
    part=Part.REPLICATION,
    title=Text("wal_level 满足方式", "wal_level fits the method"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "patronictl edit-config 设 wal_level: logical，并逐个重启成员",
        "set wal_level: logical by patronictl edit-config, and restart members one by one",
    ),
    function=check,
    database=True,
    blind=True,
)
