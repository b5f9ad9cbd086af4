"""The target stores text in the same encoding, or in UTF-8 which holds every other.

SQL_ASCII is no encoding: bytes of several may lie in one column, and some will not load.
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
    target,
    warned,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    here = known(source(facts).encoding, "source.encoding")
    there = known(target(facts).encoding, "target.encoding")
    if here == there:
        return passed(f"两端均为 {here}", f"{here} at both ends")
    if there == "UTF8" and here != "SQL_ASCII":
        return warned(f"{here} 将转换为 UTF8", f"{here} will be converted to UTF8")
    return failed(f"编码 {here}，目标为 {there}", f"the encoding is {here}, there {there}")


CHECK = Precheck(
    id="encoding",
    part=Part.DATABASE,
    title=Text("字符编码相容", "Encodings fit"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "以 UTF8 建立目标库；SQL_ASCII 须先清洗数据",
        "make the target's database in UTF8; clean SQL_ASCII data first",
    ),
    function=check,
    database=True,
    blind=True,
)
