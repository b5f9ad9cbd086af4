"""A backup was restored as a test within half a year: one that nobody restored is a hope."""

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

MOST_SECONDS = 183 * 24 * 3600.0  # practice


def check(facts: Facts) -> Answer:
    backup = known(facts.backup, "backup")
    age = backup.restored_age_seconds
    if age is None:
        return failed("从未做过恢复测试", "it was never restored as a test")
    days = age / (24 * 3600)
    zh, en = f"{days:.0f} 天前做过恢复测试", f"one was restored {days:.0f} days ago"
    return failed(zh, en) if age > MOST_SECONDS else passed(zh, en)


CHECK = Precheck(
    id="backup_restored",
    part=Part.DUTIES,
    title=Text("备份做过恢复测试", "A backup was restored as a test"),
    severity=Severity.WARNING,
    remedy=Text("在隔离环境恢复一次备份", "restore a backup where it touches nobody"),
    function=check,
    database=True,
)
