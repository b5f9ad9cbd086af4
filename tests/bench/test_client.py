"""What the benchmark's client remembers, and what is made of it."""

from __future__ import annotations

from pathlib import Path

from bench.client import Acknowledged, longest_pause, outage, read

HOME, STANDBY = "10.1.0.11", "10.3.0.11"


def rows(*told: tuple[float, str]) -> tuple[Acknowledged, ...]:
    return tuple(Acknowledged(n, at, member) for n, (at, member) in enumerate(told, start=1))


def test_an_outage_lasts_from_the_last_promise_to_the_first_of_another_member() -> None:
    told = rows((1.0, HOME), (2.0, HOME), (2.1, HOME), (4.6, STANDBY), (4.7, STANDBY))
    assert outage(told, after=2.05) == 4.6 - 2.1


def test_an_outage_that_has_not_ended_is_not_measured() -> None:
    assert outage(rows((1.0, HOME), (2.0, HOME)), after=2.5) is None


def test_a_fault_before_the_first_promise_is_not_measured() -> None:
    assert outage(rows((5.0, HOME)), after=2.5) is None


def test_without_another_member_the_longest_pause_counts() -> None:
    assert outage(rows((1.0, HOME), (3.0, HOME), (3.5, HOME)), after=2.0) == 2.0


def test_the_longest_pause_of_nothing_is_none_at_all() -> None:
    assert longest_pause(()) == 0.0


def test_a_line_that_a_killed_client_left_half_written_is_dropped(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text(f"1 1.5 {HOME}\n2 1.6 {HOME}\n3 1.", encoding="ascii")
    assert read(journal) == rows((1.5, HOME), (1.6, HOME))
