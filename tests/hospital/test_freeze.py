"""Freeze windows, minute by minute."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hospital.freeze import Freeze, frozen_at, frozen_during, open_window, thaw
from hospital.local_time import CHINA

CLINIC = Freeze("clinic hours", 7 * 60, 18 * 60, frozenset(range(5)))
NIGHT = Freeze("nightly jobs", 23 * 60, 2 * 60)
FRIDAY = datetime(2027, 1, 15)  # noqa: DTZ001 - local time of the hospital

WINDOW = st.builds(
    Freeze,
    st.just("window"),
    st.integers(0, 1439),
    st.integers(1, 1440),
    st.frozensets(st.integers(0, 6), max_size=5),
    st.none() | st.dates(date(2027, 1, 14), date(2027, 1, 20)),
    st.none() | st.dates(date(2027, 1, 14), date(2027, 1, 20)),
)
MOMENT = st.datetimes(FRIDAY, FRIDAY + timedelta(days=4)).map(
    lambda each: each.replace(second=0, microsecond=0)
)


@pytest.mark.parametrize(
    ("window", "hour", "day", "covered"),
    [
        (CLINIC, 7, 15, True),
        (CLINIC, 6, 15, False),
        (CLINIC, 18, 15, False),
        (CLINIC, 10, 16, False),  # a Saturday
        (NIGHT, 23, 15, True),
        (NIGHT, 1, 16, True),
        (NIGHT, 2, 16, False),
    ],
)
def test_a_window_covers_its_hours(window: Freeze, hour: int, day: int, covered: bool) -> None:
    assert window.covers(FRIDAY.replace(day=day, hour=hour)) is covered


def test_a_window_past_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night = Freeze("friday night", 22 * 60, 6 * 60, frozenset({4}))
    assert friday_night.covers(FRIDAY.replace(day=16, hour=5))
    assert not friday_night.covers(FRIDAY.replace(day=15, hour=5))


def test_named_days_end() -> None:
    festival = Freeze("festival", 0, 1440, frozenset(), date(2027, 1, 15), date(2027, 1, 16))
    assert thaw([festival], FRIDAY, timedelta(hours=1)) == FRIDAY.replace(day=17)


def test_what_is_always_frozen_never_thaws() -> None:
    assert thaw([Freeze("always", 0, 1440)], FRIDAY, timedelta(minutes=1)) is None


def test_a_pause_that_reaches_into_a_window_waits_for_its_end() -> None:
    early = FRIDAY.replace(hour=6, minute=59)
    assert frozen_at([CLINIC], early) is None
    assert frozen_during([CLINIC], early, timedelta(minutes=2)) is CLINIC
    assert thaw([CLINIC], early, timedelta(minutes=2)) == FRIDAY.replace(hour=18)


def test_the_time_zone_of_a_moment_is_kept() -> None:
    local = FRIDAY.astimezone()
    found = thaw([CLINIC], local.replace(hour=9), timedelta(minutes=1))
    assert found is not None
    assert found.tzinfo is local.tzinfo


@given(st.lists(WINDOW, max_size=3), MOMENT, st.integers(1, 200))
def test_the_earliest_free_moment_is_the_one_found_minute_by_minute(
    windows: list[Freeze], moment: datetime, minutes: int
) -> None:
    ahead = 2 * 24 * 60
    covered = [
        frozen_at(windows, moment + timedelta(minutes=each)) is not None
        for each in range(ahead + minutes)
    ]
    free = next((each for each in range(ahead) if not any(covered[each : each + minutes])), None)
    found = thaw(windows, moment, timedelta(minutes=minutes))
    if free is not None:
        assert found == moment + timedelta(minutes=free)
    else:
        assert found is None or found >= moment + timedelta(minutes=ahead)


def test_a_window_is_one_of_the_hospitals_clock_whatever_the_machines() -> None:
    morning = FRIDAY.replace(hour=7, tzinfo=CHINA).timestamp()  # in UTC still Thursday
    assert open_window((NIGHT, CLINIC), morning) == (
        "freeze window 'clinic hours' is open until 2027-01-15 18:00"
    )
    assert open_window((NIGHT, CLINIC), morning - 60) == ""
    assert open_window((), morning) == ""
