"""Today, where the hospitals are: the day of a judgement is a day in China, wherever it runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def today() -> date:
    """The day it is in China now."""
    return datetime.now(UTC).astimezone(CHINA).date()
