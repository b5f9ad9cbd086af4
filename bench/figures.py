"""What a benchmark leaves behind: ``build/bench/<name>.json``, ours and the peer's from one run.

Schema 1: ``what`` is measured in words, ``n`` runs of each, ``unit``; ``ours`` and every peer as
``min``, ``median``, ``max``, ``spread`` (max less min) and the ``values`` themselves; ``ratio`` is
ours divided by that peer, medians; ``target`` is the ratio to reach, ``met`` whether it was;
``lost`` are acknowledged rows; ``versions``, ``machine`` and ``nodes`` say what it ran on.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

BUILD = Path(__file__).resolve().parents[1] / "build" / "bench"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Target:
    """Ours may be at most ``ratio`` times the median of ``peer``."""

    peer: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One benchmark: seconds by contestant (``ours`` and peers), and acknowledged rows lost."""

    name: str
    what: str
    seconds: Mapping[str, Sequence[float]]
    lost: Mapping[str, int]
    target: Target

    @property
    def ratios(self) -> dict[str, float]:
        """Ours divided by each peer, medians."""
        ours = statistics.median(self.seconds["ours"])
        peers = {name: values for name, values in self.seconds.items() if name != "ours"}
        return {name: ours / statistics.median(values) for name, values in peers.items()}

    @property
    def met(self) -> bool:
        """Whether ours is as fast as it must be, and lost nothing that was acknowledged."""
        return self.ratios[self.target.peer] <= self.target.ratio and self.lost["ours"] == 0


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
        "target": {"peer": measured.target.peer, "ratio": measured.target.ratio},
        "met": measured.met,
        "lost": dict(measured.lost),
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
