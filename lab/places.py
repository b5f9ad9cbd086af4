"""Where the lab keeps what it makes: state, cache, and the checkout that it runs.

Two labs live side by side when ``XINGLIN_STATE`` differs; they share the cache.
Nothing is ever written into the checkout.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Places:
    """The directories of one lab; see ``docs/architecture.md`` for what lies where."""

    state: Path
    cache: Path

    @classmethod
    def from_environment(cls) -> Places:
        """``XINGLIN_STATE`` and ``XINGLIN_CACHE``, or the places named in the architecture page."""
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cls(
            state=Path(os.environ.get("XINGLIN_STATE") or "/var/lib/xinglin").absolute(),
            cache=Path(os.environ.get("XINGLIN_CACHE") or home / "xinglin").absolute(),
        )

    @property
    def lab(self) -> Path:
        """All that ``lab down`` removes."""
        return self.state / "lab"

    @property
    def name(self) -> str:
        """A short name that differs between labs on one machine, for control groups."""
        return f"xinglin-{hashlib.sha256(str(self.lab).encode()).hexdigest()[:8]}"

    @property
    def init_pid(self) -> Path:
        """File with the process id of the lab's first process."""
        return self.lab / "init.pid"

    @property
    def tools(self) -> Path:
        """Programs that the toolchain built or linked."""
        return self.cache / "toolchain" / "bin"

    @property
    def images(self) -> Path:
        """Container images as OCI archives, one architecture each."""
        return self.cache / "toolchain" / "images"

    def access(self, identity: str) -> Path:
        """The access directory of one identity."""
        return self.lab / "access" / identity

    def disk(self, machine: str) -> Path:
        """What survives a power cycle of a machine."""
        return self.lab / "disks" / machine

    def logs(self, machine: str) -> Path:
        """The machine's logs, readable from outside while it runs."""
        return self.lab / "logs" / machine

    def description(self, machine: str) -> Path:
        """The file from which a machine is started."""
        return self.lab / "machines" / f"{machine}.json"
