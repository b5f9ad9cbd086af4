"""How much slower calls over the wide-area network may make a request, tier by tier.

An estate declares no latency class, so a workload's tier stands for it. The figures are practice
and in no standard: people at a counter notice a tenth of a second, and wait for two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hospital.estate import Estate, Link, Tier


@dataclass(frozen=True, slots=True)
class LatencyClass:
    """What one request of a client may cost."""

    added_seconds: float  # that a move may add to it
    request_seconds: float  # p95 of the whole request, at the client


CLASSES = {
    Tier.A: LatencyClass(added_seconds=0.05, request_seconds=1.0),
    Tier.B: LatencyClass(added_seconds=0.1, request_seconds=2.0),
    Tier.C: LatencyClass(added_seconds=0.25, request_seconds=3.0),
    Tier.D: LatencyClass(added_seconds=0.5, request_seconds=5.0),
}
"""Tier → class; practice."""


def link_between(estate: Estate, one: str, other: str) -> Link | None:
    """The declared line between two sites; None if there is none."""
    pair = {one, other}
    return next((link for link in estate.links if set(link.sites) == pair), None)


def round_trip(estate: Estate, one: str, other: str) -> timedelta | None:
    """The declared latency between two sites: none within a site, None where no line is."""
    if one == other:
        return timedelta(0)
    link = link_between(estate, one, other)
    return link.latency if link else None
