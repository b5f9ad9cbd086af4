"""Times in which nothing is cut over: clinic hours, and named days.

Local times of the hospital, given as values: a window is a habit of people, not of machines. What
is asked here must never be answered by the clock of a machine in another time zone, so every moment
comes with its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hospital.local_time import local

DAY_MINUTES = 24 * 60
HORIZON = timedelta(days=366)
"""How far ahead a free moment is looked for; windows repeat weekly, and named days yearly."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """One window. With ``end_minute`` not after ``start_minute`` it goes on past midnight."""

    name: str  # "clinic hours"
    start_minute: int  # of the local day, inclusive
    end_minute: int  # exclusive; 1440 is midnight
    weekdays: frozenset[int] = frozenset()  # on which it begins, 0 is Monday; empty: every day
    first_day: date | None = None  # on which it may begin; None: from ever
    last_day: date | None = None  # inclusive; None: for ever

    def covers(self, moment: datetime) -> bool:
        """Whether the window is open at that local moment."""
        return any(begin <= moment.replace(tzinfo=None) < end for begin, end in self._near(moment))

    def end_after(self, moment: datetime) -> datetime:
        """When the window that is open at that moment closes; the moment itself if none is."""
        bare = moment.replace(tzinfo=None)
        ends = [end for begin, end in self._near(moment) if begin <= bare < end]
        return max(ends).replace(tzinfo=moment.tzinfo) if ends else moment

    def start_after(self, moment: datetime) -> datetime | None:
        """When it next begins, that moment included; None within the horizon."""
        bare = moment.replace(tzinfo=None)
        for ahead in range(HORIZON.days + 1):
            day = bare.date() + timedelta(days=ahead)
            begin = _at(day, self.start_minute)
            if begin >= bare and self._begins(day):
                return begin.replace(tzinfo=moment.tzinfo)
        return None

    def _near(self, moment: datetime) -> list[tuple[datetime, datetime]]:
        """The windows that begin on that day and on the day before."""
        past = DAY_MINUTES if self.end_minute <= self.start_minute else 0
        days = (moment.date() - timedelta(days=1), moment.date())
        return [
            (_at(day, self.start_minute), _at(day, self.end_minute + past))
            for day in days
            if self._begins(day)
        ]

    def _begins(self, day: date) -> bool:
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        return (self.first_day or day) <= day <= (self.last_day or day)


def frozen_at(freezes: Sequence[Freeze], moment: datetime) -> Freeze | None:
    """The first window that is open at that moment."""
    return next((freeze for freeze in freezes if freeze.covers(moment)), None)


def open_window(freezes: Sequence[Freeze], epoch: float) -> str:
    """The window that is open at that time (epoch seconds), and until when; "" for none."""
    moment = local(epoch)
    window = frozen_at(freezes, moment)
    if window is None:
        return ""
    end = window.end_after(moment)
    return f"freeze window '{window.name}' is open until {end:%Y-%m-%d %H:%M}"


def frozen_during(freezes: Sequence[Freeze], start: datetime, length: timedelta) -> Freeze | None:
    """The first window that is open at some moment of that time."""
    open_now = frozen_at(freezes, start)
    if open_now:
        return open_now
    for freeze in freezes:
        begin = freeze.start_after(start)
        if begin is not None and begin < start + length:
            return freeze
    return None


def thaw(freezes: Sequence[Freeze], moment: datetime, length: timedelta) -> datetime | None:
    """The earliest moment from which ``length`` is free of windows; None within the horizon."""
    candidate = moment
    while candidate <= moment + HORIZON:
        freeze = frozen_during(freezes, candidate, length)
        if freeze is None:
            return candidate
        begin = candidate if freeze.covers(candidate) else freeze.start_after(candidate)
        if begin is None:  # cannot be: it was just seen to begin
            return None
        candidate = freeze.end_after(begin)
    return None


def _at(day: date, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - local
