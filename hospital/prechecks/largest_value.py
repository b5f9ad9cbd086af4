"""The largest value fits through the stream: decoding holds several copies of it in memory.

PostgreSQL allocates at most 1 GiB at once and writes bytea as text, two characters a byte: above
half of that the stream stops for good.
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
    size,
    source,
    target,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text

LIMIT_BYTES = 512 << 20
COPIES = 4  # of one value at a time: tuple, text, message, applied row; practice


def check(facts: Facts) -> Answer:
    largest = known(source(facts).largest_value_bytes, "source.largest_value_bytes")
    memory = known(target(facts).memory_bytes, "target.memory_bytes")
    zh, en = f"最大值 {size(largest)}", f"the largest value is {size(largest)}"
    if largest >= LIMIT_BYTES:
        return failed(f"{zh}，超过 {size(LIMIT_BYTES)}", f"{en}, above {size(LIMIT_BYTES)}")
    if largest * COPIES > memory:
        return failed(f"{zh}，目标内存 {size(memory)}", f"{en}, the target has {size(memory)}")
    return passed(zh, en)


CHECK = Precheck(
    id="largest_value",
    part=Part.CONTENT,
    title=Text("最大值可复制", "The largest value fits through"),
    severity=Severity.BLOCKING,
    remedy=Text(
        "将大值移到对象存储，或增加目标内存",
        "move such values to object storage, or give the target more memory",
    ),
    function=check,
    methods=LOGICAL,
    database=True,
)
