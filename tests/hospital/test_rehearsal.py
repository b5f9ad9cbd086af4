"""What a rehearsal concludes from rows and latencies."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hospital.codec import decode, encode
from hospital.rehearsal import (
    Comparison,
    Pace,
    Sample,
    compare_endpoint,
    compare_rows,
    latency,
    percentile,
)


def _samples(*milliseconds: float, error: str = "") -> list[Sample]:
    return [Sample("GET /orders", each / 1000, error) for each in milliseconds]


def _comparison(**changes: object) -> Comparison:
    rows = compare_rows("r", first={"1": "a"}, second={"1": "a"}, target={"1": "a"}, around=True)
    made = Comparison(
        migration="m",
        workload="his",
        source="campus-x86",
        target="campus-arm",
        method="logical",
        at=1.0,
        seconds=2.0,
        application=True,
        endpoints=(
            compare_endpoint("GET /orders", source=_samples(10, 20), target=_samples(10, 20)),
        ),
        rows=(rows,),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_percentiles_are_values_that_were_measured() -> None:
    ordered = [float(each) for each in range(1, 101)]
    assert [percentile(ordered, p) for p in (0, 50, 95, 99, 100)] == [1, 50, 95, 99, 100]
    assert percentile([7.0], 99) == 7.0


def test_what_failed_has_no_latency() -> None:
    found = latency([*_samples(10, 30), *_samples(900, error="503")])
    assert found is not None
    assert (found.count, found.errors, found.p99) == (3, 1, 0.03)
    assert latency([]) is None


@pytest.mark.parametrize(
    ("source", "target", "pace"),
    [
        (100, 100, Pace.SAME),
        (100, 109, Pace.SAME),
        (100, 120, Pace.SLOWER),
        (100, 80, Pace.FASTER),
        (1, 4, Pace.SAME),  # three milliseconds
    ],
)
def test_a_pace_is_told_by_p95(source: float, target: float, pace: Pace) -> None:
    assert compare_endpoint("x", source=_samples(source), target=_samples(target)).pace is pace


def test_writes_that_only_the_rehearsal_saw_have_no_pace() -> None:
    found = compare_endpoint("POST /orders", source=[], target=_samples(5))
    assert (found.pace, found.change, found.source) == (Pace.UNKNOWN, None, None)
    assert _comparison(endpoints=(found,)).pace is Pace.UNKNOWN


def test_a_row_that_stood_still_must_be_the_same_at_the_target() -> None:
    first, second = {"1": "a", "2": "b", "3": "c"}, {"1": "a", "2": "B", "3": "c", "4": "d"}
    found = compare_rows("r", first=first, second=second, target={"1": "a", "2": "b"}, around=True)
    assert (found.compared, found.changed, found.differing) == (2, 2, 1)
    assert found.examples == ("3",)


def test_a_row_that_only_the_target_has_differs() -> None:
    rows = {"1": "a"}
    found = compare_rows("r", first=rows, second=rows, target=rows | {"9": "x"}, around=True)
    assert found.examples == ("9",)


def test_what_is_newer_than_a_snapshot_that_was_taken_before_is_told_apart() -> None:
    rows = {"9": "a", "10": "b"}
    found = compare_rows("r", first=rows, second=rows, target={"9": "a"}, around=False)
    assert (found.compared, found.changed, found.differing) == (1, 1, 0)


def test_a_rehearsal_passes_by_rows_answers_and_a_bearable_pace() -> None:
    assert _comparison().passed
    assert "1 rows compared, 0 differ" in _comparison().summary
    slower = compare_endpoint("GET /x", source=_samples(100), target=_samples(400))
    assert _comparison(endpoints=(slower,)).passed
    assert "slower (p95 +300%)" in _comparison(endpoints=(slower,)).summary


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rows": ()}, "no row was compared"),
        (
            {
                "rows": (
                    compare_rows(
                        "GET /o", first={"1": "a"}, second={"1": "a"}, target={}, around=True
                    ),
                )
            },
            "GET /o: 1 rows differ (1)",
        ),
        (
            {
                "endpoints": (
                    compare_endpoint("x", source=_samples(5), target=_samples(5, error="503")),
                )
            },
            "1 of 1 requests failed at the target (target: 503)",
        ),
        (
            {"endpoints": (compare_endpoint("x", source=_samples(9), target=_samples(1200)),)},
            "p95 of 1.20 s",
        ),
    ],
)
def test_a_rehearsal_that_fails_says_why(changes: dict[str, object], why: str) -> None:
    found = _comparison(**changes)
    assert not found.passed
    assert why in found.summary


def test_a_target_as_slow_as_its_source_passes() -> None:
    slow = compare_endpoint("x", source=_samples(2000), target=_samples(2000))
    assert _comparison(endpoints=(slow,)).passed


def test_a_comparison_comes_back_from_the_hub() -> None:
    found = _comparison(at=7, seconds=3)  # JSON keeps no difference between 7 and 7.0
    assert decode(Comparison, json.loads(json.dumps(encode(found)))) == found


def test_what_did_not_start_is_told() -> None:
    assert "the application was not started" in _comparison(application=False).summary
