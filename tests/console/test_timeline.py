"""The picture shows every outage and step where the numbers say, and keeps labels apart."""

from __future__ import annotations

from typing import Any

import pytest

from console.timeline import LABELS, WIDTH, draw


def story(**changed: Any) -> dict[str, Any]:
    workload = {
        "name": "his",
        "titleZh": "医院信息系统",
        "titleEn": "HIS",
        "outage": {"from": -0.1, "to": 4.0},
        "measuredRtoSeconds": 4.1,
    }
    step = {
        "kind": "AwaitWorkload",
        "subject": "his",
        "site": "cloud",
        "started": 2.0,
        "ended": 3.0,
        "detail": "",
    }
    marks = [{"kind": "loss", "at": 0.0}, {"kind": "decision", "at": 0.2}]
    plain = {"seconds": 10.0, "steps": [step], "marks": marks, "workloads": [workload]}
    return plain | changed


def test_bars_lie_where_the_seconds_say() -> None:
    picture = draw(story())
    (row,) = picture.rows
    scale = (WIDTH - LABELS) / (4.0 * 1.06)
    assert row.outage is not None
    assert row.outage.x == pytest.approx(LABELS)
    assert row.outage.width == pytest.approx(4.0 * scale)
    assert row.steps[0].x == pytest.approx(LABELS + 2.0 * scale)
    assert row.steps[0].width == pytest.approx(1.0 * scale)


def test_an_outage_that_never_ended_reaches_the_end_of_the_story() -> None:
    endless = story()
    endless["workloads"][0] |= {"outage": {"from": 0.0, "to": None}, "measuredRtoSeconds": None}
    (row,) = draw(endless).rows
    assert row.outage_text == "∞"
    assert row.outage is not None
    assert row.outage.x + row.outage.width == pytest.approx(LABELS + (WIDTH - LABELS) / 1.06)


def test_labels_of_close_marks_are_on_different_levels() -> None:
    first, second = draw(story()).marks
    assert first.level != second.level


def test_steps_of_no_workload_are_the_databases() -> None:
    plain = story()
    plain["steps"].append(plain["steps"][0] | {"kind": "AwaitPrimary", "subject": "hospital-db"})
    titles = [row.title for row in draw(plain).rows]
    assert titles[0].startswith("数据库")
    assert len(titles) == 2


def test_a_story_without_any_step_can_be_drawn() -> None:
    picture = draw(story(steps=[], marks=[], workloads=[]))
    assert picture.rows == ()
    assert len(picture.ticks) > 5
