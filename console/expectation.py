"""How long a migration will take and pause, as far as it can be known before it begins.

From what was measured (sizes, writes, the link, earlier migrations of the same workload), and where
something was not, from the declared link, which is then said. A figure never stands without what it
rests on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from hospital.estate import Estate
from hospital.estimate import Rates, estimate
from hospital.move import Act, Method, Migration
from hospital.prechecks.facts import Facts
from hospital.rule import Text
from hospital.story import StepRecord, StepState

GIB = float(1 << 30)
UNKNOWN_RATE = 125e6  # bytes a second of 1 Gbit/s, where not even a link is declared


def expected(facts: Facts, earlier: Iterable[Migration] = ()) -> dict[str, Any]:
    """The estimate as plain data; seconds are None where it never ends.

    ``perGib`` says that the size could not be seen, so that the figures are for one GiB.
    """
    size, write = _size(facts), facts.source.write_bytes_per_second if facts.source else None
    rate, basis = _rate(facts)
    standing = facts.method is Method.PHYSICAL
    found = estimate(
        facts.method,
        GIB if size is None else size,
        Rates(copy=rate, write=write or 0.0, apply=rate),
        index_bytes=_indexes(facts),
        standing=standing,
    )
    return {
        "copySeconds": _finite(found.copy_seconds),
        "indexSeconds": _finite(found.index_seconds),
        "catchUpSeconds": _finite(found.catch_up_seconds),
        "pauseSeconds": _finite(found.pause_seconds),
        "converges": found.converges,
        "neededBytesPerSecond": found.needed_bytes_per_second,
        "sizeBytes": size,
        "writeBytesPerSecond": write,
        "copyBytesPerSecond": rate,
        "perGib": size is None and not standing,
        "basis": basis.plain(),
        "earlier": [dict(_lived(each)) for each in earlier if _alike(each, facts)],
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The estimate for people."""
    per = "（每 GiB）/ per GiB" if found["perGib"] else ""
    yield (
        f"首次复制 / first copy {_told(found['copySeconds'])}{per}, 索引 / indexes "
        f"{_told(found['indexSeconds'])}, 追平 / catching up {_told(found['catchUpSeconds'])}; "
        f"停写 / writes pause {_told(found['pauseSeconds'])}"
    )
    yield f"依据 / from: {found['basis']['zh']} / {found['basis']['en']}"
    if not found["converges"]:
        needed = found["neededBytesPerSecond"] / 1e6
        yield f"永远追不平，需要 / it never catches up; needed: {needed:.1f} MB/s"
    for each in found["earlier"]:
        steps = ", ".join(f"{name} {took:.1f} s" for name, took in each["steps"].items())
        yield f"以往实测 / measured earlier, {each['migration']}: {steps}"


def _size(facts: Facts) -> int | None:
    return facts.source.size_bytes if facts.source else None


def _indexes(facts: Facts) -> float:
    tables = (facts.source.tables if facts.source else None) or ()
    return float(sum(each.index_bytes for each in tables))


def _rate(facts: Facts) -> tuple[float, Text]:
    """Bytes a second of the copy, and where the figure comes from."""
    if facts.path and facts.path.bandwidth_bytes_per_second:
        return facts.path.bandwidth_bytes_per_second, Text("实测链路", "the link as measured")
    declared = _declared(facts.estate, facts.source_site, facts.target_site)
    if declared:
        return declared, Text(
            "声明的链路带宽，未实测；写入量与库大小由操作器读取",
            "the declared link, not measured; operators read the sizes and the writes",
        )
    return UNKNOWN_RATE, Text("假设 1 Gbit/s", "an assumed link of 1 Gbit/s")


def _declared(estate: Estate, one: str, other: str) -> float:
    found = (link.bandwidth_mbps for link in estate.links if set(link.sites) == {one, other})
    return next(found, 0) * 1e6 / 8


def _alike(migration: Migration, facts: Facts) -> bool:
    ends = {migration.source, migration.target}
    same = (migration.workload, migration.method) == (facts.workload.name, facts.method)
    return same and ends == {facts.source_site, facts.target_site}


def _lived(migration: Migration) -> Iterator[tuple[str, Any]]:
    """What each step that costs time took in an earlier migration."""
    yield "migration", migration.name
    costly = (Act.COPY, Act.BUILD, Act.CATCH_UP, Act.HAND_OVER)
    records = {each.id: each for each in migration.records}
    yield "steps", {act.value: _took(records[act]) for act in costly if _done(records.get(act))}


def _done(record: StepRecord | None) -> bool:
    return record is not None and record.state is StepState.DONE and record.ended is not None


def _took(record: StepRecord) -> float:
    return round((record.ended or 0.0) - (record.started or 0.0), 3)


def _finite(seconds: float) -> float | None:
    return round(seconds, 3) if math.isfinite(seconds) else None


def _told(seconds: float | None) -> str:
    if seconds is None:
        return "∞"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
