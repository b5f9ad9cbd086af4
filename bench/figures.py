"""What a benchmark leaves behind: ``build/bench/<name>.json``, ours and the peer's from one run.

Schema 2: ``what`` is measured in words, ``n`` runs of each, ``unit``; ``ours`` and every peer as
``min``, ``median``, ``max``, ``spread`` (max less min) and the ``values`` themselves; ``ratio`` is
ours divided by that peer, medians; ``target`` is what to reach in words, ``met`` whether it was;
``lost`` are acknowledged rows and the seconds of work that they span; ``details`` are figures of
this benchmark only; ``versions``, ``machine`` and ``nodes`` say what it ran on. Where no peer does
the thing at all, there is none.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

BUILD = Path(__file__).resolve().parents[1] / "build" / "bench"
SCHEMA = 2


@dataclass(frozen=True, slots=True)
class Target:
    """The median may be at most ``ratio`` times that of ``peer``, and ``plus`` seconds.

    ``loss`` is how many seconds of acknowledged work may be gone: the declared RPO; None where
    nothing is written.
    """

    peer: str = ""
    ratio: float = 0.0
    plus: float = 0.0
    loss: float | None = 0.0

    def __str__(self) -> str:
        limit = [f"{self.ratio:g} × {self.peer}"] if self.peer else []
        limit += [f"{self.plus:g} s"] if self.plus else []
        said = f"median at most {' + '.join(limit)}"
        if self.loss is None:
            return said
        return f"{said}; acknowledged work lost: at most {self.loss:g} s"


@dataclass(frozen=True, slots=True)
class Lost:
    """Acknowledged rows that are gone, and the seconds of work that they span at the most."""

    rows: int = 0
    seconds: float = 0.0

    def with_run(self, other: Lost) -> Lost:
        """This and one more run."""
        return Lost(self.rows + other.rows, max(self.seconds, other.seconds))


@dataclass(frozen=True, slots=True)
class Measured:
    """One benchmark: seconds by contestant (``ours`` and peers), what was lost, and figures."""

    name: str
    what: str
    seconds: Mapping[str, Sequence[float]]
    lost: Mapping[str, Lost]
    target: Target
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratios(self) -> dict[str, float]:
        """Ours divided by each peer, medians."""
        ours = statistics.median(self.seconds["ours"])
        peers = {name: values for name, values in self.seconds.items() if name != "ours"}
        return {name: ours / statistics.median(values) for name, values in peers.items()}

    @property
    def met(self) -> bool:
        """Whether ours is as fast as it must be, and lost no more than was declared."""
        limit = self.target.plus
        if self.target.peer:
            limit += self.target.ratio * statistics.median(self.seconds[self.target.peer])
        lost = self.lost.get("ours", Lost())
        kept = lost.seconds <= self.target.loss if self.target.loss else lost.rows == 0
        return statistics.median(self.seconds["ours"]) <= limit and kept


def document(measured: Measured, *, nodes: str) -> dict[str, Any]:
    """The benchmark as it is written."""
    return {
        "schemaVersion": SCHEMA,
        "name": measured.name,
        "what": measured.what,
        "unit": "s",
        "n": {name: len(values) for name, values in measured.seconds.items()},
        **{name: _summary(values) for name, values in measured.seconds.items()},
        "ratio": {name: round(ratio, 3) for name, ratio in measured.ratios.items()},
        "target": str(measured.target),
        "met": measured.met,
        "lost": {name: asdict(lost) for name, lost in measured.lost.items()},
        "details": dict(measured.details),
        "versions": _versions(),
        "machine": {"cores": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()},
        "nodes": nodes,
    }


def write(measured: Measured, *, nodes: str, directory: Path = BUILD) -> Path:
    """Write the benchmark's file; returns where."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{measured.name}.json"
    content = json.dumps(document(measured, nodes=nodes), indent=1, ensure_ascii=False)
    path.write_text(content + "\n", encoding="utf-8")
    return path


def _summary(values: Sequence[float]) -> dict[str, Any]:
    low, high = min(values), max(values)
    return {
        "min": round(low, 3),
        "median": round(statistics.median(values), 3),
        "max": round(high, 3),
        "spread": round(high - low, 3),
        "values": [round(value, 3) for value in values],
    }


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("xinglin", "patroni", "psycopg", "ansible-core")}
