"""Power for whole sites: the fire, and the day after.

``off`` is the burn of a site: every process of it is killed at once, its network goes
silent, its disks stay. ``on`` starts it again from its disks.
"""

from __future__ import annotations

import time
from pathlib import Path

from hospital.errors import UnavailableError
from lab import root
from lab.places import Places

DEAD_WITHIN = 10.0  # seconds; measured: some hundred processes are gone in 0.1 to 0.3


def off(site: str, *, places: Places | None = None) -> None:
    """Kill everything at ``site`` at once; returns when all of it is dead.

    RefusedError if there is no such site; UnavailableError if something does not die.
    """
    places = places or Places.from_environment()
    first = root.first_process(places, site)
    root.supervisor(places).stop(site)
    if first is None:
        return
    # The first process is gone only after every other process of its namespace is.
    deadline = time.monotonic() + DEAD_WITHIN
    while Path(f"/proc/{first}").exists():
        if time.monotonic() > deadline:
            raise UnavailableError(site, f"not dead within {DEAD_WITHIN:.0f} s")
        time.sleep(0.01)


def on(site: str, *, places: Places | None = None) -> None:
    """Give power back to ``site``; its machines start from their disks."""
    root.supervisor(places or Places.from_environment()).start(site)
