"""The hospital's own time, whatever the machine's: China has one zone and no summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def local(epoch: float) -> datetime:
    """Epoch seconds as local time."""
    return datetime.fromtimestamp(epoch, UTC).astimezone(CHINA)
