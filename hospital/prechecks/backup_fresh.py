"""There is a backup from the last day: the last way back, when every other one has failed."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

MOST_SECONDS = 24 * 3600.0  # practice


def check(facts: Facts) -> Answer:
    backup = known(facts.backup, "backup")
    hours = backup.age_seconds / 3600
    zh, en = (
        f"{backup.site} 的备份为 {hours:.1f} 小时前",
        f"a backup at {backup.site} is {hours:.1f} h old",
    )
    return failed(zh, en) if backup.age_seconds > MOST_SECONDS else passed(zh, en)


CHECK = Precheck(
    id="backup_fresh",
    part=Part.DUTIES,
    title=Text("备份新鲜", "The backup is fresh"),
    severity=Severity.BLOCKING,
    remedy=Text("先做一次备份", "take a backup first"),
    function=check,
    database=True,
)
