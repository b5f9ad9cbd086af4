"""Today, where the hospitals are: the day of a judgement is a day in China, wherever it runs."""

from __future__ import annotations

import time
from datetime import date

from hospital.local_time import local


def today() -> date:
    """The day it is in China now."""
    return local(time.time()).date()
