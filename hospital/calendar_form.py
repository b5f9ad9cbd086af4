"""The form of a calendar: when waves begin, and when nothing is cut over.

Local times of the hospital. Nothing in it may be guessed: a window that was misspelt would let a
cutover into clinic hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hospital.freeze import Freeze
from hospital.kinds import Misread, Scalar, bandwidth, choice, day, duration, label, text
from hospital.records import Field, ListOf, Record
from hospital.waves import Calendar, Forced

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LAST_MINUTE = 24 * 60


@dataclass(frozen=True, slots=True)
class DeclaredCalendar:
    """What a file says; what it leaves open is for whoever plans."""

    begins: datetime | None = None
    bandwidth_mbps: int = 0  # for migrations; 0: the link's own
    apart: timedelta = timedelta(minutes=10)
    rehearsal: timedelta = timedelta(0)
    freezes: tuple[Freeze, ...] = ()
    forced: tuple[tuple[str, Forced], ...] = ()  # by workload

    def calendar(self, now: datetime, *, more: tuple[Freeze, ...] = ()) -> Calendar:
        """The calendar of waves that begin as declared, or now; ``more`` are the estate's."""
        return Calendar(
            begins=self.begins or now,
            freezes=(*more, *self.freezes),
            forced=dict(self.forced),
            apart=self.apart,
            rehearsal=self.rehearsal,
        )


def _minute() -> Scalar:
    """``"07:30"`` → minutes of the day; YAML reads it as that number when it is not in quotes."""

    def convert(value: object) -> int:
        found = value
        if isinstance(value, str) and value.count(":") == 1:
            hours, _, minutes = value.partition(":")
            if hours.isdigit() and minutes.isdigit() and int(minutes) < 60:
                found = int(hours) * 60 + int(minutes)
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= _LAST_MINUTE:
            raise Misread(f"{value!r} is no time of day", 'write it as "07:30"')
        return found

    return Scalar(convert, {"type": "string", "pattern": r"^\d{1,2}:\d{2}$"}, 0)


def _moment() -> Scalar:
    """``2026-11-28T22:00`` → local datetime."""

    def convert(value: object) -> datetime:
        try:
            found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError as wrong:
            raise Misread(f"{value!r} is no moment", "write it as 2026-11-28T22:00") from wrong
        if found.tzinfo is not None:
            raise Misread(f"{value!r} names a time zone", "local time: 2026-11-28T22:00")
        return found

    return Scalar(convert, {"type": "string", "format": "date-time"}, None)


def _freeze(**found: Any) -> Freeze:
    weekdays = frozenset(DAYS.index(name) for name in found.pop("weekdays", ()) if name in DAYS)
    return Freeze(weekdays=weekdays, **found)


def _forced(workload: str, by: str, reason: str) -> tuple[str, Forced]:
    return workload, Forced(by, reason)


FREEZE = Record(
    (
        Field("name", text(), "such as clinic hours", required=True),
        Field("from", _minute(), "begin, inclusive", required=True, into="start_minute"),
        Field("to", _minute(), "end; before the begin: past midnight", required=True,
              into="end_minute"),
        Field("weekdays", ListOf(choice(DAYS)), "on which it begins; without: every day"),
        Field("firstDay", day(), "from when on"),
        Field("lastDay", day(), "until when, inclusive"),
    ),
    _freeze,
)  # fmt: skip

_FORCED = Record(
    (
        Field("workload", label(), "cut over although a window is open", required=True),
        Field("by", text(), "who answers for it", required=True),
        Field("reason", text(), "why", required=True),
    ),
    _forced,
)

CALENDAR = Record(
    (
        Field("begins", _moment(), "of the first wave; without: now"),
        Field("bandwidth", bandwidth(), "for migrations; without: the link's",
              into="bandwidth_mbps"),
        Field("apart", duration(), "between two cutovers", default=timedelta(minutes=10)),
        Field("rehearsal", duration(), "between catching up and the first cutover",
              default=timedelta(0)),
        Field("freezes", ListOf(FREEZE), "when nothing is cut over", default=()),
        Field("forced", ListOf(_FORCED), "cutovers in a window all the same", default=()),
    ),
    DeclaredCalendar,
    title="Calendar of migration waves",
)  # fmt: skip
