"""A latency plot shows every point, on one time axis for both ends."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from console.distribution import HEIGHT, LEFT, RIGHT, TOP, WIDTH, draw, duration
from hospital.rehearsal import CURVE

CURVES = st.lists(
    st.floats(min_value=1e-7, max_value=1e4), min_size=len(CURVE), max_size=len(CURVE)
).map(sorted)


def _end(curve: list[float]) -> dict[str, Any]:
    return {"curve": curve, "p95Seconds": curve[CURVE.index(95)] if curve else 0.0}


@given(CURVES, CURVES)
def test_any_two_curves_lie_inside_the_plot_and_rise(
    source: list[float], target: list[float]
) -> None:
    chart = draw({"source": _end(source), "target": _end(target)}, CURVE)
    assert chart is not None
    for line in chart.lines:
        places = [tuple(map(float, point.split(","))) for point in line.points.split()]
        assert all(LEFT - 0.1 <= x <= WIDTH - RIGHT + 0.1 for x, _ in places)
        assert all(TOP <= y <= HEIGHT for _, y in places)
        assert places == sorted(places, key=lambda place: (place[0], -place[1]))
    assert len(chart.times) >= 1


def test_an_end_that_was_not_measured_has_no_line() -> None:
    one = draw({"source": None, "target": _end([0.001 * n for n in range(1, 11)])}, CURVE)
    assert one is not None
    assert [line.end for line in one.lines] == ["target"]
    assert draw({"source": None, "target": _end([])}, CURVE) is None


def test_times_are_told_in_the_unit_that_people_use() -> None:
    assert [duration(each) for each in (0.00005, 0.0123, 2.5)] == ["50 µs", "12.3 ms", "2.50 s"]
