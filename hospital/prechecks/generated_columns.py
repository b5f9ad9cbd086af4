"""Generated columns are computed anew at the target, not carried.

The same expression may give another value there: upper() and to_char() follow the locale.
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
    listed,
    passed,
    source,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    names = known(source(facts).generated_columns, "source.generated_columns")
    if names:
        return failed(
            f"目标将重新计算：{listed(names)}", f"the target computes anew: {listed(names)}"
        )
    return passed("没有生成列", "there are no generated columns")


CHECK = Precheck(
    id="generated_columns",
    part=Part.CONTENT,
    title=Text("生成列", "Generated columns"),
    severity=Severity.WARNING,
    remedy=Text("演练时逐行比较这些列", "let the rehearsal compare them row by row"),
    function=check,
    methods=LOGICAL,
    database=True,
)
