"""The counter's journal: one JSON line for everything that a client tried and saw.

The journal is what the report believes: RTO and lost writes are counted from it, not from
what the systems say of themselves. So a line reaches the operating system before the client
goes on, every attempt stands there before it is sent, and nothing is ever rewritten. A last
line that a killed client left half written is dropped; one in the middle is an error.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hospital.errors import DeclarationError, Problem


class Journal:
    """Appends lines, each with wall time ``at`` and monotonic time ``mono`` in seconds."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, event: str, **facts: Any) -> None:
        """One line, handed to the operating system before this returns."""
        line = {"at": time.time(), "mono": time.monotonic(), "event": event, **facts}
        self._file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        self._file.flush()


def read_journal(path: Path) -> tuple[dict[str, Any], ...]:
    """Every line of a journal in order; DeclarationError names a line that is no JSON object."""
    content = path.read_text(encoding="utf-8")
    lines = content.split("\n")
    lines.pop()  # empty after a whole last line, else what a killed client left of one
    return tuple(_parse(path, number, line) for number, line in enumerate(lines, start=1))


def _parse(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict) or not {"at", "event"} <= parsed.keys():
        where, message = f"{path}:{number}", "is no line of a counter's journal"
        raise DeclarationError((Problem(where, "line", message, "the file was changed by hand"),))
    return parsed
