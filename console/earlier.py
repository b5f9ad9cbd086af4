"""The report that an audit is compared with: a file that was named, or the one it will replace.

What must never happen: a report overwritten that could not be read, and with it the days on which
its findings were first seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from console.text import printable, refusal
from policies.earlier import Earlier, read
from policies.trend import compared, obstacle

REMEDY = "name a report of `xinglin audit`, or move the file away"


def earlier_report(path: Path | None, *, replaced: Path | None) -> Earlier | None:
    """The report at ``path``; without one, at ``replaced`` if there is a file.

    DeclarationError if it cannot be read, or is no report.
    """
    chosen = path or replaced
    if chosen is None or (path is None and not chosen.exists()):
        return None
    name = printable(str(chosen))
    try:
        return read(json.loads(chosen.read_bytes()))
    except OSError as error:
        raise refusal(name, error.strerror or str(error), remedy=REMEDY) from error
    except (ValueError, RecursionError) as error:
        raise refusal(name, printable(str(error)), remedy=REMEDY) from error


def with_trend(
    report: Mapping[str, Any], earlier: Earlier | None, *, named: Path | None
) -> dict[str, Any]:
    """``report`` compared with ``earlier`` where that can be.

    DeclarationError if somebody ``named`` a report that cannot be compared with; the one that is
    replaced is then left out, and standard error says why.
    """
    reason = None if earlier is None else obstacle(report, earlier)
    if reason is not None and named is not None:
        raise refusal(printable(str(named)), reason.en, field="--since")
    if reason is not None:
        from console.outcome import stderr  # noqa: PLC0415  # made when something is said

        said = "未与上一份报告比较 / not compared with the report that is replaced: "
        stderr.print(f"{said}{reason.zh} / {reason.en}", markup=False, highlight=False)
        earlier = None
    return compared(report, earlier)
