"""What a rehearsal found: the same answers, and how fast, at the target against the source.

Pure: samples and rows go in, a ``Comparison`` comes out, which the hub keeps and
``xinglin migrate report`` draws. Rows that the business changed while the rehearsal ran are told
apart, never counted as same and never as different. A latency that nobody measured is absent,
never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

SAME_WITHIN = 0.10
"""Relative difference of p95 that is no difference.

Repeated runs of the same load on the same machine differ by about as much; the bound for the
source's slowdown during a migration is the same.
"""

SAME_WITHIN_SECONDS = 0.005
"""Absolute difference of p95 that is no difference: below what clients and networks add."""

SLOWEST_SECONDS = 1.0
"""p95 above which a target that is slower than the source does not pass.

The limit for a user's flow of thought to stay uninterrupted: Miller 1968, Nielsen, *Usability
Engineering*, 1993, chapter 5.
"""

SHOWN = 20  # differing rows that are named; the rest is counted
CURVE = (0, 5, 10, 25, 50, 75, 90, 95, 99, 100)  # percentiles of a latency curve


class Pace(StrEnum):
    """One end's p95 against the other's."""

    FASTER = "faster"  # the target answers faster than the source
    SAME = "same"  # within the bounds above
    SLOWER = "slower"
    UNKNOWN = "unknown"  # one end was not, or could not be, measured


_NOT_AS_FAST = frozenset({Pace.SLOWER, Pace.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Sample:
    """One request that was played."""

    endpoint: str  # "GET /orders"
    seconds: float
    error: str = ""  # why it failed; "" if it was answered as it should be


@dataclass(frozen=True, slots=True)
class Latency:
    """Latencies of one endpoint at one end, of the requests that were answered; seconds."""

    count: int  # of requests played
    errors: int  # of these, failed
    p50: float
    p95: float
    p99: float
    curve: tuple[float, ...] = ()  # at the percentiles ``CURVE``


@dataclass(frozen=True, slots=True)
class EndpointCompared:
    """One endpoint, or one kind of query, at both ends."""

    name: str  # "GET /orders", "read public.orders"
    source: Latency | None = None  # None: not played there, as are synthetic writes
    target: Latency | None = None
    pace: Pace = Pace.UNKNOWN
    # p95 of the target over the source's, less one: 0.5 is half as slow again.
    change: float | None = None
    first_error: str = ""


@dataclass(frozen=True, slots=True)
class RowsCompared:
    """One set of rows, compared row by row."""

    name: str  # endpoint or table
    compared: int  # rows that stood still at the source and were compared
    changed: int  # rows that the business changed meanwhile, told apart
    differing: int
    examples: tuple[str, ...] = ()  # keys of the first rows that differ, never their content


@dataclass(frozen=True, slots=True)
class Comparison:
    """One rehearsal, whole: what ``xinglin migrate report`` shows."""

    migration: str
    workload: str
    source: str  # site
    target: str  # site
    method: str  # of hospital.move.Method
    at: float  # epoch seconds at its end
    seconds: float  # how long the load was played
    application: bool  # the workload itself ran at the target, not only its database
    endpoints: tuple[EndpointCompared, ...] = ()
    rows: tuple[RowsCompared, ...] = ()
    notes: tuple[str, ...] = ()  # what was not covered, in plain words

    @property
    def failures(self) -> tuple[str, ...]:
        """Why it did not pass; empty if it did."""
        return (*_wrong_rows(self.rows), *_wrong_answers(self.endpoints))

    @property
    def passed(self) -> bool:
        """The same rows, no errors, nothing too slow; and something was compared at all."""
        return not self.failures

    @property
    def pace(self) -> Pace:
        """Over all endpoints: that of the median change."""
        changes = sorted(each.change for each in self.endpoints if each.change is not None)
        if not changes:
            return Pace.UNKNOWN
        paces = [each.pace for each in self.endpoints if each.change is not None]
        return next(
            (pace for pace in (Pace.SLOWER, Pace.FASTER) if paces.count(pace) * 2 > len(paces)),
            Pace.SAME,
        )

    @property
    def summary(self) -> str:
        """One line for a person who decides about the cutover."""
        compared = sum(each.compared for each in self.rows)
        differing = sum(each.differing for each in self.rows)
        changed = sum(each.changed for each in self.rows)
        told = f"{compared} rows compared, {differing} differ, {changed} changed meanwhile"
        changes = sorted(each.change for each in self.endpoints if each.change is not None)
        if changes:
            middle = changes[len(changes) // 2]
            told += f"; the target is {self.pace} (p95 {middle:+.0%})"
        if not self.application:
            told += "; the application was not started, only the database was read"
        return "; ".join((told, *self.failures))


def latency(samples: Iterable[Sample]) -> Latency | None:
    """Percentiles of what was answered; None without samples."""
    played = tuple(samples)
    if not played:
        return None
    took = sorted(each.seconds for each in played if not each.error)
    if not took:
        return Latency(len(played), len(played), 0.0, 0.0, 0.0)
    return Latency(
        count=len(played),
        errors=len(played) - len(took),
        p50=percentile(took, 50),
        p95=percentile(took, 95),
        p99=percentile(took, 99),
        curve=tuple(percentile(took, each) for each in CURVE),
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of ascending values (Hyndman and Fan 1996, definition 1)."""
    rank = max(1, ceil(len(ordered) * percent / 100))
    return round(ordered[rank - 1], 6)


def compare_endpoint(
    name: str, *, source: Iterable[Sample], target: Iterable[Sample]
) -> EndpointCompared:
    """One endpoint at both ends."""
    at_source, at_target = tuple(source), tuple(target)
    one, other = latency(at_source), latency(at_target)
    change = _change(one, other)
    errors = (f"target: {each.error}" for each in at_target if each.error)
    mishaps = (f"source: {each.error}" for each in at_source if each.error)
    return EndpointCompared(
        name=name,
        source=one,
        target=other,
        pace=_pace(one, other, change),
        change=change,
        first_error=next(errors, next(mishaps, "")),
    )


def compare_rows(
    name: str,
    *,
    first: Mapping[str, str],
    second: Mapping[str, str],
    target: Mapping[str, str],
    around: bool,
) -> RowsCompared:
    """Rows by key, read twice at the source and once at the target.

    ``around`` says that the first reading came before the snapshot from which the target was
    filled and the second after it: then what stood still must be there. Otherwise both came after
    it, and what is beyond the target's last key is taken for newer than the snapshot.
    """
    still = {key for key, row in first.items() if second.get(key) == row}
    if not around:
        last = max(map(_order, target), default=(0, ""))
        still = {key for key in still if _order(key) <= last}
    moved = (first.keys() | second.keys()) - still
    wrong = {key for key in still if target.get(key) != first[key]}
    strange = target.keys() - first.keys() - second.keys()
    ordered = sorted(wrong | strange, key=_order)
    return RowsCompared(
        name=name,
        compared=len(still | strange),
        changed=len(moved),
        differing=len(ordered),
        examples=tuple(ordered[:SHOWN]),
    )


def _order(key: str) -> tuple[int, str]:
    """Numbers by value, before and after them whatever else a key may be."""
    return (int(key), "") if key.isdigit() else (0, key)


def _change(source: Latency | None, target: Latency | None) -> float | None:
    if source is None or target is None or not source.curve or not target.curve:
        return None
    return round(target.p95 / source.p95 - 1, 4) if source.p95 else None


def _pace(source: Latency | None, target: Latency | None, change: float | None) -> Pace:
    if source is None or target is None or change is None:
        return Pace.UNKNOWN
    small = abs(target.p95 - source.p95) <= SAME_WITHIN_SECONDS
    if small or abs(change) <= SAME_WITHIN:
        return Pace.SAME
    return Pace.SLOWER if change > 0 else Pace.FASTER


def _wrong_rows(rows: Sequence[RowsCompared]) -> tuple[str, ...]:
    if not sum(each.compared for each in rows):
        return ("no row was compared",)
    return tuple(
        f"{each.name}: {each.differing} rows differ ({', '.join(each.examples[:3])})"
        for each in rows
        if each.differing
    )


def _wrong_answers(endpoints: Sequence[EndpointCompared]) -> tuple[str, ...]:
    found = []
    for each in endpoints:
        if each.target is None:
            continue
        if each.target.errors:
            found.append(
                f"{each.name}: {each.target.errors} of {each.target.count} requests failed at the "
                f"target ({each.first_error})"
            )
        elif each.pace in _NOT_AS_FAST and each.target.p95 > SLOWEST_SECONDS:
            found.append(f"{each.name}: p95 of {each.target.p95:.2f} s at the target")
    return tuple(found)
