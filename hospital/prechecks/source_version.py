"""The source is of a version from which rows can be moved: publications of partitions need 13.

Older ones publish each partition under its own name and have no retained-log bound on slots.
"""

from __future__ import annotations

from hospital.prechecks.check import (
    LOGICAL,
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

OLDEST = 13


def check(facts: Facts) -> Answer:
    version = known(source(facts).version, "source.version") // 10000
    if version < OLDEST:
        return failed(
            f"PostgreSQL {version} 早于 {OLDEST}", f"PostgreSQL {version} is older than {OLDEST}"
        )
    return passed(f"PostgreSQL {version}", f"PostgreSQL {version}")


CHECK = Precheck(
    id="source_version",
    part=Part.DATABASE,
    title=Text("源版本支持逻辑迁移", "The source's version can be moved logically"),
    severity=Severity.BLOCKING,
    remedy=Text("先在原站点升级数据库", "upgrade the database where it is first"),
    function=check,
    methods=LOGICAL,
    database=True,
    blind=True,
)
