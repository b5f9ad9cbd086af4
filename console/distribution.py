"""Geometry of a latency plot: what share of requests was answered within which time, at two ends.

Pure arithmetic from a comparison's percentiles to points, so that the template only draws. The time
axis is logarithmic, since a slow tail and a fast middle must be seen at once; both ends share it,
and no point is cut off.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

WIDTH, HEIGHT = 520.0, 210.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 12.0, 10.0, 34.0
LEAST_SECONDS = 1e-5  # nothing is answered faster over a network; keeps the logarithm finite
SHARES = (0, 25, 50, 75, 95)  # lines across the plot, in percent
COLOURS = {"source": "#64748b", "target": "#2563eb"}


@dataclass(frozen=True, slots=True)
class Line:
    """One end's curve, as the points of an SVG polyline, and its p95."""

    end: str  # "source" | "target"
    colour: str
    points: str
    p95: float  # x


@dataclass(frozen=True, slots=True)
class Chart:
    """One endpoint's plot."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    lines: tuple[Line, ...]
    times: tuple[tuple[float, str], ...]  # x and label
    shares: tuple[tuple[float, str], ...]  # y and label


def draw(endpoint: dict[str, Any], percentiles: tuple[int, ...]) -> Chart | None:
    """The plot of one endpoint of the report; None where neither end was measured."""
    ends = {
        end: endpoint[end]
        for end in ("source", "target")
        if endpoint[end] and endpoint[end]["curve"]
    }
    if not ends:
        return None
    low, high = _decades([value for each in ends.values() for value in each["curve"]])
    return Chart(
        width=WIDTH, height=HEIGHT, left=LEFT, right=WIDTH - RIGHT, top=TOP,
        bottom=HEIGHT - BOTTOM,
        lines=tuple(_line(end, found, percentiles, (low, high)) for end, found in ends.items()),
        times=_times(low, high),
        shares=tuple((_y(share), f"{share}%") for share in SHARES),
    )  # fmt: skip


def duration(seconds: float) -> str:
    """A latency for people."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def _line(
    end: str, found: dict[str, Any], percentiles: tuple[int, ...], span: tuple[float, float]
) -> Line:
    places = [
        f"{_x(value, span):.1f},{_y(percent):.1f}"
        for percent, value in zip(percentiles, found["curve"], strict=True)
    ]
    return Line(end, COLOURS[end], " ".join(places), round(_x(found["p95Seconds"], span), 1))


def _decades(values: list[float]) -> tuple[float, float]:
    """Whole steps of 1, 2, 5 around all values, as logarithms; at least one decade."""
    low = floor(3 * log10(max(LEAST_SECONDS, min(values)))) / 3
    high = ceil(3 * log10(max(LEAST_SECONDS, *values))) / 3
    return low, max(high, low + 1)


def _times(low: float, high: float) -> tuple[tuple[float, str], ...]:
    found = [
        step * 10.0**power for power in range(floor(low), ceil(high) + 1) for step in (1, 2, 5)
    ]
    inside = [each for each in found if low - 1e-9 <= log10(each) <= high + 1e-9]
    if len(inside) > 7:  # labels would touch
        inside = [each for each in inside if f"{each:e}".startswith("1")]
    return tuple((round(_x(each, (low, high)), 1), duration(each)) for each in inside)


def _x(seconds: float, span: tuple[float, float]) -> float:
    low, high = span
    share = (log10(max(LEAST_SECONDS, seconds)) - low) / (high - low)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(percent: float) -> float:
    return TOP + (100 - percent) / 100 * (HEIGHT - TOP - BOTTOM)
