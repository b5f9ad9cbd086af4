"""PostgreSQL's own programs on this machine: found, run, and their failures told as ours.

The newest that is installed is used: ``pg_dump`` refuses a server that is newer than itself. A
password goes in the environment, never in an argument or a message.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hospital.errors import RefusedError, UnavailableError

HOME = Path("/usr/lib/postgresql")
_CONNECTION = ("could not connect", "connection to server", "server closed the connection")
_BUSY = ("lock timeout", "terminating connection", "starting up", "shutting down")


def program(name: str, home: Path = HOME) -> str:
    """The newest one on this machine; RefusedError where there is none."""
    found = [path for path in home.glob(f"*/bin/{name}") if path.parts[-3].isdigit()]
    if not found:
        raise RefusedError(str(home), f"{name} is not installed on this machine")
    return str(max(found, key=lambda path: int(path.parts[-3])))


def run(command: Sequence[str], environment: Mapping[str, str], *, place: str) -> str:
    """Its output; UnavailableError for a connection, RefusedError for anything else."""
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise failure(done.stderr, place=place)
    return done.stdout


def failure(said: str, *, place: str) -> UnavailableError | RefusedError:
    """What a program said before it ended, as one of our errors."""
    text = said.strip()[-800:] or "ended without a word"
    again = any(word in text for word in (*_CONNECTION, *_BUSY))
    return UnavailableError(place, text) if again else RefusedError(place, text)
