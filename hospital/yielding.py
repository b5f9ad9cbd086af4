"""How fast a first copy may go: as fast as those who work at the source do not feel.

A control loop as of a background transport (RFC 6817, LEDBAT), over the delay of a small write at
the source instead of a packet's: the rate grows while writes are answered as without the copy, and
is halved as soon as too many of them are late. Pure: rates and delays go in, a rate comes out.

What "late" means follows from what was promised: that the 95th percentile grows by no more than a
share. It does so exactly if no more than one write in twenty takes longer than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FIRST_RATE = 4_000_000
LEAST_RATE = 1_000_000
"""Bytes per second. Below it a copy would not end, and would keep the source's log for ever."""

LATE_SHARE = 1 / 20  # of writes: what a 95th percentile is
_CALM_SHARE = LATE_SHARE / 2  # up to it there is room for more
_GROWTH, _RETREAT = 1.5, 0.5
_UNUSED = 2.0  # times what really passed: a rate that the link does not carry is no measurement


@dataclass(frozen=True, slots=True)
class Calm:
    """How the source answers a small write while nothing is copied."""

    delays: tuple[float, ...]  # seconds

    @property
    def percentile(self) -> float:
        """The 95th, by nearest rank; seconds."""
        ordered = sorted(self.delays)
        return ordered[min(len(ordered) - 1, int(len(ordered) * (1 - LATE_SHARE)))]

    def late(self, delays: Sequence[float], *, slowdown_percent: int) -> float:
        """Which share of ``delays`` is above the percentile and what it may grow by."""
        bound = self.percentile * (1 + slowdown_percent / 100)
        return sum(delay > bound for delay in delays) / len(delays)


def next_rate(rate: int, *, passed: float, late: float, bound: int = 0) -> int:
    """Bytes per second for the next window.

    ``passed`` is what went through per second in the last window at ``rate``, ``late`` the share of
    writes that were late in it, ``bound`` the most that may ever pass; 0: no bound.
    """
    if late > LATE_SHARE:
        wanted = min(rate, passed * _UNUSED) * _RETREAT
    elif late <= _CALM_SHARE:
        wanted = min(rate * _GROWTH, max(rate, passed * _UNUSED))
    else:
        wanted = rate
    most = bound or float("inf")
    return int(min(most, max(LEAST_RATE, wanted)))
