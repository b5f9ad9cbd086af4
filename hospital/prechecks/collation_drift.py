"""The source's own indexes were built with the collation that its system has today.

After an upgrade of the C library they may be wrong already, and duplicates that hid there will stop
the unique indexes of the target.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    passed,
    source,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    here = source(facts)
    if not known(here.text_indexes, "source.text_indexes"):
        return passed("没有依赖排序规则的索引", "no index depends on a collation")
    recorded = known(here.collation_recorded, "source.collation_recorded")
    actual = known(here.collation_version, "source.collation_version")
    if recorded != actual:
        return failed(
            f"索引按 {recorded or '无版本'} 建立，系统现为 {actual or '无版本'}",
            f"indexes were built with {recorded or 'no version'}, "
            f"the system has {actual or 'none'}",
        )
    return passed(f"版本 {actual or '无'} 未变", f"version {actual or 'none'}, as it was built")


CHECK = Precheck(
    id="collation_drift",
    part=Part.DATABASE,
    title=Text("源库排序规则未漂移", "The source's collation has not drifted"),
    severity=Severity.WARNING,
    remedy=Text(
        "REINDEX 后执行 ALTER DATABASE … REFRESH COLLATION VERSION",
        "REINDEX, then ALTER DATABASE ... REFRESH COLLATION VERSION",
    ),
    function=check,
    database=True,
)
