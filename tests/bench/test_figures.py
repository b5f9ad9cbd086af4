"""What a benchmark writes, and when it says that a figure was reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.figures import Lost, Measured, Target, document, write
from bench.recovery import CASES
from bench.stage import OURS


def measured(ours: list[float], *, lost: int = 0, target: Target | None = None) -> Measured:
    return Measured(
        "a-case",
        "what is measured",
        seconds={"ours": ours, "patroni_default": [30.0, 32.0, 34.0]},
        lost={"ours": Lost(lost, 0.1 * lost), "patroni_default": Lost()},
        target=target or Target("patroni_default", 0.1),
    )


@pytest.mark.parametrize(("ours", "met"), [([3.0, 3.1, 99.0], True), ([3.0, 3.3, 3.4], False)])
def test_the_medians_decide_whether_a_figure_is_reached(ours: list[float], met: bool) -> None:
    assert measured(ours).met is met


def test_one_lost_promise_spoils_any_speed() -> None:
    assert not measured([0.1, 0.1, 0.1], lost=1).met


@pytest.mark.parametrize(("ours", "met"), [(34.9, True), (35.1, False)])
def test_a_target_may_be_seconds_beyond_the_peer(ours: float, met: bool) -> None:
    target = Target("patroni_default", 1.0, plus=3.0)
    assert measured([ours], target=target).met is met


def test_a_target_without_a_peer_is_its_seconds_alone() -> None:
    assert measured([9.9], target=Target(plus=10.0)).met
    assert not measured([10.1], target=Target(plus=10.0)).met


@pytest.mark.parametrize(("rows", "met"), [(0, True), (299, True), (301, False)])
def test_an_asynchronous_database_may_lose_what_was_declared_and_no_more(
    rows: int, met: bool
) -> None:
    target = Target("patroni_default", 1.0, loss=30.0)
    assert measured([20.0], lost=rows, target=target).met is met


def test_the_worst_run_decides_about_the_loss() -> None:
    assert Lost(3, 0.5).with_run(Lost(2, 1.5)).with_run(Lost()) == Lost(5, 1.5)


def test_ours_and_the_peer_are_told_with_everything_they_came_from() -> None:
    told = document(measured([1.0, 2.0, 4.0]), nodes="real")
    assert told["ours"] == {
        "min": 1.0,
        "median": 2.0,
        "max": 4.0,
        "spread": 3.0,
        "values": [1.0, 2.0, 4.0],
    }
    assert told["ratio"] == {"patroni_default": 0.062}
    assert told["n"] == {"ours": 3, "patroni_default": 3}


def test_a_benchmark_is_written_under_its_own_name(tmp_path: Path) -> None:
    path = write(measured([1.0]), nodes="real", directory=tmp_path)
    assert path == tmp_path / "a-case.json"
    assert json.loads(path.read_text(encoding="utf-8"))["nodes"] == "real"


def test_every_case_measures_us_against_the_peer_that_its_target_names() -> None:
    for case in CASES:
        names = [duty.name for duty in case.duties]
        assert names[0] == OURS.name
        assert case.target.peer in names[1:]
    assert len({case.name for case in CASES}) == len(CASES)
