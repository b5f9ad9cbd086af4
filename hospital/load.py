"""The load that a rehearsal plays: which lists are read, which writes are made up.

A workload declares it in its file as ``ENDPOINTS``; who declares none has the records of the
service that plays most systems (``docs/architecture.md``, "The workload service").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Write:
    """A synthetic write: every one of ``fields`` gets a text of its own."""

    path: str
    fields: tuple[str, ...]
    needs: Mapping[str, str] = field(default_factory=dict)  # field → list whose first id it names

    def body(self, text: str) -> dict[str, object]:
        """What is sent."""
        return dict.fromkeys(self.fields, text)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What clients of a workload ask for."""

    lists: tuple[str, ...] = ("/records",)  # GET <list>?after=<id>, rows with an id
    writes: tuple[Write, ...] = (Write("/records", ("key", "body")),)
