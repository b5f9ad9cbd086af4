"""Geometry of the report's timeline: where every bar, mark and tick of the picture lies.

Pure arithmetic from the report's numbers to rectangles, so that the template only draws. Nothing
may be left out to make the picture prettier: what does not fit is clipped at the right edge and
says so by its open end.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import Any

WIDTH = 1000.0
LABELS = 220.0  # left of the axis
ROW = 34.0
HEAD, LEVEL = 38.0, 24.0  # above the rows: for one level of labels, and for each further one
LABEL_WIDTH = 150.0  # two marks closer than this go to different levels
LEAST = 2.5  # a bar that lasts no time must still be seen
MARGIN = 0.06  # of the length, at the right

COLOURS = {
    "FenceHost": "#7c3aed",
    "WithdrawAcknowledgement": "#7c3aed",
    "ExpireLease": "#a855f7",
    "AwaitConsensus": "#a855f7",
    "HandOver": "#7c3aed",
    "AwaitPrimary": "#2563eb",
    "StartWorkload": "#94a3b8",
    "AwaitWorkload": "#0d9488",
    "SwitchName": "#16a34a",
    "StopWorkload": "#cbd5e1",
    "RestoreReception": "#cbd5e1",
    "RecordEvidence": "#64748b",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle with its tooltip."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the picture: the database, or a workload."""

    y: float
    title: str
    subtitle: str
    outage: Bar | None
    outage_text: str
    steps: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line; ``level`` keeps neighbouring labels apart."""

    x: float
    kind: str
    at: float
    level: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture of one story."""

    width: float
    height: float
    left: float
    top: float
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]


def draw(story: dict[str, Any]) -> Timeline:
    """The timeline of one story of a report."""
    length = _length(story)
    scale = (WIDTH - LABELS) / length
    marks = _marks(story, scale)
    top = HEAD + LEVEL * max((mark.level for mark in marks), default=0)
    rows = [
        _row(story, workload, top + ROW * number, scale) for number, workload in _lines(story)
    ]  # fmt: skip
    height = top + ROW * len(rows) + 30
    step = _tick(length)
    ticks = tuple(
        (LABELS + number * step * scale, f"{number * step:g}")
        for number in range(int(length / step) + 1)
    )
    return Timeline(WIDTH, height, LABELS, top, tuple(rows), marks, ticks)


def _lines(story: dict[str, Any]) -> list[tuple[int, dict[str, Any] | None]]:
    """Row numbers with their workload; None stands for the database, if its steps are told."""
    database = [None] if any(_owner(story, step) is None for step in story["steps"]) else []
    return list(enumerate([*database, *story["workloads"]]))


def _length(story: dict[str, Any]) -> float:
    """Seconds that the axis spans: to the last step or the end of the last outage."""
    ends = [step["ended"] or step["started"] or 0.0 for step in story["steps"]]
    ends += [mark["at"] for mark in story["marks"]]
    for workload in story["workloads"]:
        if workload["outage"]:
            ends.append(workload["outage"]["to"] or story["seconds"])
    return max([1.0, *ends]) * (1 + MARGIN)


def _row(
    story: dict[str, Any], workload: dict[str, Any] | None, y: float, scale: float
) -> Row:  # fmt: skip
    name = workload["name"] if workload else None
    mine = [step for step in story["steps"] if _owner(story, step) == name]
    steps = tuple(_step(step, y + 19, scale) for step in mine if step["started"] is not None)
    if workload is None:
        return Row(y, "数据库 / database", "", None, "", steps)
    outage, text = _outage(story, workload, y + 5, scale)
    return Row(y, workload["titleZh"], workload["titleEn"], outage, text, steps)


def _owner(story: dict[str, Any], step: dict[str, Any]) -> str | None:
    """The workload whose row shows a step; None for the database's."""
    names = {workload["name"] for workload in story["workloads"]}
    return step["subject"] if step["subject"] in names else None


def _step(step: dict[str, Any], y: float, scale: float) -> Bar:
    start = max(0.0, step["started"])
    end = step["ended"] if step["ended"] is not None else start
    seconds = max(0.0, end - start)
    title = f"{step['kind']}/{step['subject']} {step['site']} {seconds:.2f} s · {step['detail']}"
    width = max(LEAST, seconds * scale)
    return Bar(LABELS + start * scale, y, width, 8, COLOURS.get(step["kind"], "#64748b"), title)


def _outage(
    story: dict[str, Any], workload: dict[str, Any], y: float, scale: float
) -> tuple[Bar | None, str]:
    span = workload["outage"]
    if not span:
        return None, ""
    start = max(0.0, span["from"])
    end = span["to"] if span["to"] is not None else story["seconds"]
    seconds = workload["measuredRtoSeconds"]
    text = "∞" if seconds is None else f"{seconds:.2f} s"
    width = min(max(LEAST, (end - start) * scale), WIDTH - LABELS - start * scale)
    title = f"{workload['titleZh']} / {workload['titleEn']}: {text}"
    return Bar(LABELS + start * scale, y, width, 11, "#dc2626", title), text


def _marks(story: dict[str, Any], scale: float) -> tuple[Mark, ...]:
    placed: list[Mark] = []
    free = [-LABEL_WIDTH] * 3
    for mark in sorted(story["marks"], key=lambda each: float(each["at"])):
        x = LABELS + mark["at"] * scale
        level = next((n for n, last in enumerate(free) if x - last >= LABEL_WIDTH), 2)
        free[level] = x
        placed.append(Mark(x, mark["kind"], mark["at"], level))
    return tuple(placed)


def _tick(length: float) -> float:
    """A round step that gives about eight ticks."""
    rough = length / 8
    magnitude = 10.0 ** floor(log10(rough))
    return next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= rough)
