"""What the recovery command of a database host says (``playbooks/README.md``), as values.

A line that is not exactly what the command promises is a refusal: nobody may take silence, or words
of another version, for a withdrawal in force or for a database that is shut down.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hospital.errors import RefusedError
from providers.patroni import position


@dataclass(frozen=True, slots=True)
class Reception:
    """What the withdrawal command says (``playbooks/README.md``)."""

    blocked: bool
    receiving: bool
    connections: int

    @property
    def withdrawn(self) -> bool:
        """Refused from now on, and nothing left of before."""
        return self.blocked and not self.receiving


@dataclass(frozen=True, slots=True)
class Machine:
    """A database host; None where it could not tell."""

    memory_bytes: int | None
    free_disk_bytes: int | None  # where the data are
    free_wal_bytes: int | None  # where the log is
    libc: str | None  # of the running server: "glibc 2.36", "musl"


def reception(host: str, line: str) -> Reception:
    """Read the command's line of JSON; RefusedError when it refused or said something else."""
    try:
        said = _read(host, line)
        return Reception(bool(said["blocked"]), bool(said["receiving"]), int(said["connections"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(host, f"withdrawal command said {line.strip()!r}") from error


def shutdown(host: str, line: str) -> int | None:
    """Where the shutdown checkpoint of a cleanly shut down PostgreSQL begins, as its host says.

    None while it is not shut down; RefusedError when the host refused or said something else.
    """
    try:
        begins = _read(host, line)["shutdown"]
        return position(begins) if begins else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(host, f"shutdown command said {line.strip()!r}") from error


def machine(host: str, line: str) -> Machine:
    """Read the line about the host itself; RefusedError when it refused or said something else."""
    try:
        said = _read(host, line)
        memory, disk, wal = (_bytes(said[name]) for name in ("memory", "disk", "wal"))
        return Machine(memory, disk, wal, str(said["libc"]) or None)
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(host, f"machine command said {line.strip()!r}") from error


def _bytes(said: Any) -> int | None:
    return None if said is None else int(said)


def _read(host: str, line: str) -> Any:
    said = json.loads(line)
    if "error" in said:
        raise RefusedError(host, str(said["error"]))
    return said
