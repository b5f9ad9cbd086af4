"""Rates, estimates and verdicts of transfers, and whether one ever catches up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hospital.transfer import (
    NAMED,
    Compared,
    How,
    Moved,
    Names,
    Plan,
    Progress,
    Rate,
    Verdict,
    bytes_from,
    converges,
    estimate,
    pause,
    size,
    verdict,
)

WHOLE = Moved(Progress(files=2))
ONE = Names().plus("a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("4096", 4096), ("50M", 50 << 20), ("1.5G", 3 << 29), ("2 KiB", 2048), ("3tb", 3 << 40)],
)
def test_sizes_are_read_in_units_of_1024(text: str, expected: int) -> None:
    assert bytes_from(text) == expected


@pytest.mark.parametrize("text", ["", "M", "-1M", "1e3", "50 Mbit", "50M/s"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no size"):
        bytes_from(text)


@given(st.integers(0, 1 << 50))
def test_any_size_is_said_within_a_tenth_of_its_unit(count: int) -> None:
    assert bytes_from(size(count)) == pytest.approx(count, rel=0.06, abs=0.5)


def test_names_are_all_counted_and_the_first_kept() -> None:
    names = Names()
    for number in range(NAMED + 5):
        names = names.plus(str(number))
    assert (names.count, len(names.first), names.first[0]) == (NAMED + 5, NAMED, "0")
    assert not Names()


def test_the_slower_of_bytes_and_files_decides() -> None:
    rate = Rate(bytes_per_second=100.0, files_per_second=10.0)
    assert estimate(Plan(files=5, size=1000), rate) == timedelta(seconds=10)
    assert estimate(Plan(files=500, size=1000), rate) == timedelta(seconds=50)
    assert estimate(Plan(files=0, size=0), rate) == timedelta(0)


def test_without_a_measured_rate_there_is_no_estimate() -> None:
    assert estimate(Plan(1, 1), Rate(0.0)) is None
    assert pause(Plan(1, 1), Plan(1, 1), rate=Rate(0.0), compared_per_second=9) is None
    assert pause(Plan(1, 1), Plan(0, 0), rate=Rate(1.0), compared_per_second=0) is None


def test_the_pause_is_looking_at_everything_and_moving_what_changed() -> None:
    found = pause(
        Plan(files=1000, size=1 << 40),
        Plan(files=2, size=500),
        rate=Rate(100.0),
        compared_per_second=500,
    )
    assert found == timedelta(seconds=2 + 5)


def test_progress_knows_its_rate() -> None:
    assert Progress(files=4, size=100, elapsed=timedelta(seconds=2)).rate == Rate(50.0, 2.0)
    assert Progress(size=100).rate == Rate(0.0)


def test_of_two_runs_the_later_one_says_what_is_still_left_out() -> None:
    first = Moved(Progress(files=3, size=30, compared=7, elapsed=timedelta(seconds=3)), left=ONE)
    later = Moved(Progress(files=1, size=5, compared=10, elapsed=timedelta(seconds=1)), deleted=2)
    both = first.then(later)
    assert (both.progress.files, both.progress.size, both.progress.compared) == (4, 35, 7)
    assert (both.left, both.deleted, both.progress.elapsed) == (Names(), 2, timedelta(seconds=4))


@pytest.mark.parametrize(
    ("moved", "compared", "expected"),
    [
        (WHOLE, None, Verdict.COPIED),
        (WHOLE, Compared(How.SIZES, equal=2), Verdict.COPIED),
        (WHOLE, Compared(How.CHECKSUMS, equal=2), Verdict.COMPLETE),
        (WHOLE, Compared(How.CONTENT, equal=2), Verdict.COMPLETE),
        (WHOLE, Compared(How.CHECKSUMS, equal=2, gone=ONE), Verdict.COMPLETE),
        (WHOLE, Compared(How.CHECKSUMS, equal=1, unknown=1), Verdict.INCOMPLETE),
        (WHOLE, Compared(How.CHECKSUMS, unread=ONE), Verdict.INCOMPLETE),
        (Moved(Progress(), left=ONE), None, Verdict.INCOMPLETE),
        (Moved(Progress(), left=ONE), Compared(How.CHECKSUMS, equal=9), Verdict.INCOMPLETE),
        (Moved(Progress(), left=ONE), Compared(How.CHECKSUMS, missing=ONE), Verdict.DIFFERS),
        (WHOLE, Compared(How.SIZES, differing=ONE), Verdict.DIFFERS),
    ],
)
def test_only_what_was_compared_and_left_nothing_out_is_complete(
    moved: Moved, compared: Compared | None, expected: Verdict
) -> None:
    assert verdict(moved, compared) is expected


def test_a_link_slower_than_the_writers_never_converges_and_the_rate_needed_is_said() -> None:
    found = converges(20 << 20, 10 << 20, backlog=1 << 30)
    assert (found.converges, found.takes) == (False, None)
    said = found.said()
    assert "never converges" in said.en
    assert "永远追不上" in said.zh
    assert all("25.0 MiB/s" in text for text in (said.zh, said.en))


def test_a_link_that_carries_just_what_is_written_is_not_enough() -> None:
    assert not converges(10.0, 10.0).converges
    assert not converges(10.0, 12.0).converges
    assert converges(10.0, 12.5).converges


def test_a_backlog_within_a_time_asks_for_more() -> None:
    found = converges(10.0, 20.0, backlog=1000, within=timedelta(seconds=50))
    assert (found.needed, found.converges) == (30.0, False)
    assert found.takes == timedelta(seconds=100)
    assert "in time" in found.said().en
    assert converges(10.0, 30.0, backlog=1000, within=timedelta(seconds=50)).converges


@given(st.floats(0, 1e12), st.floats(0, 1e12), st.integers(0, 1 << 50), st.integers(1, 86400 * 30))
def test_any_link_with_the_rate_needed_would_converge_in_time(
    write: float, link: float, backlog: int, seconds: int
) -> None:
    within = timedelta(seconds=seconds)
    needed = converges(write, link, backlog=backlog, within=within).needed
    found = converges(write, needed * 1.001 + 1, backlog=backlog, within=within)
    assert found.converges
    assert found.takes is not None
    assert found.takes <= within + timedelta(seconds=1)
