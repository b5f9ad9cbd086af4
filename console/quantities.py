"""Durations and rates on the command line, in the units of the core.

A number without a unit is refused: nobody should have to guess whether 5 are seconds or minutes.
"""

from __future__ import annotations

import re
from datetime import timedelta

import typer

from hospital.kinds import Misread, duration

_RATE = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>[kKMG])?(?:B?(?:/s|ps)?)")
_BYTES = {None: 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9}


def seconds(text: str) -> float:
    """``10s``, ``1h30m`` → seconds."""
    try:
        found: timedelta = duration().convert(text)
    except Misread as wrong:
        raise typer.BadParameter(f"{wrong} ({wrong.remedy})") from wrong
    return found.total_seconds()


def bytes_per_second(text: str) -> int:
    """``20M`` → 20,000,000 bytes per second; 0 sets no limit."""
    found = _RATE.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no rate (for example 20M: megabytes a second)")
    return int(float(found["number"]) * _BYTES[found["unit"]])
