"""Waves keep the order of calls, the limits and the calendar, whatever is to be moved."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hospital.estimate import HEADROOM
from hospital.freeze import Freeze, frozen_during
from hospital.waves import Calendar, Forced, Limits, Move, Schedule, plan_waves

NAMES = ("emr", "his", "identity", "integration", "lis", "pacs")
CLINIC = Freeze("clinic hours", 7 * 60, 18 * 60, frozenset(range(5)))
MORNING = datetime(2027, 1, 15, 9)  # noqa: DTZ001 - local time, a Friday
WIDE = Limits(concurrent=10, bandwidth_bytes_per_second=100e6)
FREE = Calendar(MORNING)

MOVES = st.lists(
    st.builds(
        Move,
        st.sampled_from(NAMES),
        st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
        size_bytes=st.floats(0, 1e13),
        write_bytes_per_second=st.floats(0, 60e6),
        together=st.sampled_from(("", "", "hospital-db")),
    ),
    unique_by=lambda move: move.workload,
    max_size=len(NAMES),
)
LIMITS = st.builds(Limits, st.integers(1, 4), st.floats(10e6, 200e6))


def order(schedule: Schedule) -> dict[str, tuple[int, int]]:
    """Workload → its wave and its turn in it."""
    return {
        name: (wave.number, turn)
        for wave in schedule.waves
        for turn, cutover in enumerate(wave.cutovers)
        for name in cutover.workloads
    }


def test_what_is_called_moves_first() -> None:
    moves = [Move("his", ("identity",)), Move("identity", ()), Move("emr", ("his", "identity"))]
    schedule = plan_waves(moves, Limits(1, 1e6), FREE)
    assert [wave.workloads for wave in schedule.waves] == [("identity",), ("his",), ("emr",)]


def test_workloads_that_call_each_other_change_places_together() -> None:
    moves = [Move("his", ("emr",)), Move("emr", ("his",)), Move("lis", ("his",))]
    schedule = plan_waves(moves, Limits(1, 1e6), FREE)
    assert [wave.cutovers[0].workloads for wave in schedule.waves] == [("emr", "his"), ("lis",)]


def test_who_shares_a_cluster_goes_with_it_and_so_does_what_lies_between() -> None:
    moves = [
        Move("his", ("lis",), together="hospital-db"),
        Move("lis", ("emr",)),
        Move("emr", (), together="hospital-db"),
    ]
    schedule = plan_waves(moves, WIDE, FREE)
    assert schedule.waves[0].cutovers[0].workloads == ("emr", "his", "lis")


def test_nobody_is_cut_over_in_clinic_hours() -> None:
    schedule = plan_waves([Move("his", ())], WIDE, Calendar(MORNING, (CLINIC,)))
    assert schedule.waves[0].cutovers[0].at == MORNING.replace(hour=18)


def test_a_cutover_that_is_forced_by_name_is_not_kept_waiting_and_says_who_forced_it() -> None:
    forced = Forced("chief of operations", "the old machine room closes at noon")
    calendar = Calendar(MORNING, (CLINIC,), {"his": forced})
    schedule = plan_waves([Move("his", ()), Move("lis", ("his",))], WIDE, calendar)
    first, second = schedule.waves[0].cutovers
    assert (first.at, first.forced) == (MORNING, forced)
    assert (second.at, second.forced) == (MORNING.replace(hour=18), None)


def test_what_never_converges_is_named_with_its_cause() -> None:
    moves = [Move("pacs", (), write_bytes_per_second=90e6), Move("his", ("pacs",))]
    schedule = plan_waves(moves, WIDE, FREE)
    assert [wave.workloads for wave in schedule.waves] == [("his",)]
    assert [each.workload for each in schedule.unplanned] == ["pacs"]
    assert "never converges" in schedule.unplanned[0].en


def test_what_never_finds_a_free_moment_is_named() -> None:
    always = Freeze("always", 0, 1440)
    schedule = plan_waves([Move("his", ())], WIDE, Calendar(MORNING, (always,)))
    assert schedule.waves == ()
    assert "freeze" in schedule.unplanned[0].en


def test_copies_side_by_side_share_the_line() -> None:
    alone = plan_waves([Move("his", (), size_bytes=1e9)], WIDE, FREE).waves[0]
    both = [Move("his", (), size_bytes=1e9), Move("lis", (), size_bytes=1e9)]
    pair = plan_waves(both, WIDE, FREE).waves[0]
    assert pair.synced - pair.begins == 2 * (alone.synced - alone.begins)


@pytest.mark.parametrize("limits", [Limits(0, 1.0), Limits(1, 0.0)])
def test_a_limit_of_nothing_is_refused(limits: Limits) -> None:
    with pytest.raises(ValueError, match="positive"):
        plan_waves([], limits, FREE)


def test_a_workload_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        plan_waves([Move("his", ()), Move("his", ())], WIDE, FREE)


@given(MOVES, LIMITS)
def test_each_workload_is_planned_once_or_named_as_unplanned(
    moves: list[Move], limits: Limits
) -> None:
    schedule = plan_waves(moves, limits, FREE)
    planned = [name for wave in schedule.waves for name in wave.workloads]
    unplanned = [each.workload for each in schedule.unplanned]
    assert sorted(planned + unplanned) == sorted(move.workload for move in moves)


@given(MOVES, LIMITS)
def test_nothing_is_moved_before_what_it_calls(moves: list[Move], limits: Limits) -> None:
    turns = order(plan_waves(moves, limits, FREE))
    for move in moves:
        for name in move.depends_on:
            if move.workload in turns and name in turns:
                assert turns[name] <= turns[move.workload]


@given(MOVES, LIMITS)
def test_no_wave_is_above_the_limits(moves: list[Move], limits: Limits) -> None:
    writes = {move.workload: move.write_bytes_per_second for move in moves}
    for wave in plan_waves(moves, limits, FREE).waves:
        assert len(wave.cutovers) <= limits.concurrent
        carried = sum(writes[name] for name in wave.workloads) * HEADROOM
        assert carried <= limits.bandwidth_bytes_per_second * (1 + 1e-9)


@given(MOVES, LIMITS, st.sets(st.sampled_from(NAMES), max_size=2))
def test_the_calendar_is_kept(moves: list[Move], limits: Limits, names: set[str]) -> None:
    forced = {name: Forced("somebody", "a reason") for name in names}
    calendar = Calendar(MORNING, (CLINIC,), forced)
    free = calendar.begins
    for wave in plan_waves(moves, limits, calendar).waves:
        assert free <= wave.begins <= wave.synced
        free = wave.synced
        for cutover in wave.cutovers:
            length = timedelta(seconds=cutover.pause_seconds)
            assert cutover.at >= free
            assert cutover.forced or not frozen_during([CLINIC], cutover.at, length)
            assert (cutover.forced is not None) is bool(names & set(cutover.workloads))
            free = cutover.at + length
        assert wave.ends == free
