"""Power for whole sites: the fire, and the day after.

``off`` is the burn of a site: every process of it is killed at once, its network goes
silent, its disks stay. ``on`` starts it again from its disks.
"""

from __future__ import annotations

from lab import root
from lab.places import Places


def off(site: str, *, places: Places | None = None) -> None:
    """Kill everything at ``site`` at once; RefusedError if there is no such site."""
    root.supervisor(places or Places.from_environment()).stop(site)


def on(site: str, *, places: Places | None = None) -> None:
    """Give power back to ``site``; its machines start from their disks."""
    root.supervisor(places or Places.from_environment()).start(site)
