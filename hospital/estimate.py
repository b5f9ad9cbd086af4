"""How long a database will take to move, and how long nobody will be able to write meanwhile.

Arithmetic over measured rates, so that a plan says a figure before anybody acts. A move whose
changes come faster than the stream carries them never ends: that is said, with the rate that it
would need, and never hidden behind a large number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hospital.move import Method

PAUSE_SECONDS = {
    # A planned switchover of Patroni 4.1 with PostgreSQL 15: median of 8, measured on loopback.
    Method.PHYSICAL: 2.44,
    # Role closed, sessions ended, sequences set, name switched, role opened: what issue and design
    # bound it to; not measured yet.
    Method.LOGICAL: 2.0,
}
"""The part of the pause that no backlog adds to."""

INDEX_FACTOR = 1.0
"""Seconds of building indexes for each second of copying what they index; an assumption, to be
replaced by what ``bench`` measures: sorting reads and writes about what the copy wrote."""

HEADROOM = 1.25
"""How much faster than the writes a stream must be for a plan to rely on it; practice."""

LOGICAL_SHARE = 1.0
"""Bytes of the stream for each byte of write-ahead log; an upper bound: full-page images and
indexes are in the log and not in the stream."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What was measured; bytes per second."""

    copy: float  # of the first copy: link, source and target together
    write: float  # of write-ahead log at the source
    apply: float  # of changes at the target; at most ``copy`` where only the link was measured


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds of each part; ``math.inf`` where it never ends."""

    copy_seconds: float
    index_seconds: float
    catch_up_seconds: float
    pause_seconds: float
    rounds: int  # of catching up until the lag is below the bound; 0 where it never is
    needed_bytes_per_second: float  # that the stream must carry to converge with headroom
    backlog_bytes: float  # the most write-ahead log that the source keeps meanwhile

    @property
    def converges(self) -> bool:
        """Whether the target ever catches up."""
        return math.isfinite(self.catch_up_seconds)

    @property
    def total_seconds(self) -> float:
        """From the beginning of the copy until a cutover may begin."""
        return self.copy_seconds + self.index_seconds + self.catch_up_seconds


def estimate(
    method: Method,
    size_bytes: float,
    rates: Rates,
    *,
    index_bytes: float = 0.0,
    lag_seconds: float = 5.0,
    standing: bool = False,
) -> Estimate:
    """What moving ``size_bytes`` costs, until the target lags by at most ``lag_seconds``.

    ``standing``: the target is a standby that follows already, so nothing is copied. Rates must be
    positive, ``write`` may be 0; otherwise ValueError.
    """
    if rates.copy <= 0 or rates.apply <= 0 or rates.write < 0 or lag_seconds <= 0:
        raise ValueError("rates of copy and apply, and the bound of the lag, must be positive")
    copy = 0.0 if standing else size_bytes / rates.copy
    logical = method is Method.LOGICAL and not standing
    index = index_bytes / rates.copy * INDEX_FACTOR if logical else 0.0
    backlog = (copy + index) * rates.write * LOGICAL_SHARE
    catch_up, rounds = _catch_up(backlog, rates, lag_seconds)
    drain = min(backlog, rates.write * lag_seconds) / rates.apply
    return Estimate(
        copy_seconds=copy,
        index_seconds=index,
        catch_up_seconds=catch_up,
        pause_seconds=PAUSE_SECONDS[method] + drain,
        rounds=rounds,
        needed_bytes_per_second=rates.write * HEADROOM,
        backlog_bytes=backlog,
    )


def converges(write: float, carried: float) -> bool:
    """Whether a stream of ``carried`` bytes a second keeps up with ``write``, with headroom."""
    return write == 0 or carried >= write * HEADROOM


def _catch_up(backlog: float, rates: Rates, lag_seconds: float) -> tuple[float, int]:
    """Seconds, and rounds, until what is behind is written within ``lag_seconds``.

    While one backlog is applied the next is written: each round is ``write / apply`` of the one
    before, a geometric series whose sum is ``(backlog - bound) / (apply - write)``.
    """
    bound = rates.write * lag_seconds
    if backlog <= bound:
        return 0.0, 0
    if rates.write >= rates.apply:
        return math.inf, 0
    rounds = math.ceil(_log(bound, backlog) / _log(rates.write, rates.apply)) if bound else 1
    return (backlog - bound) / (rates.apply - rates.write), rounds


def _log(part: float, whole: float) -> float:
    """The logarithm of a quotient, which may itself be too small to be told from 0."""
    return math.log(part) - math.log(whole)
