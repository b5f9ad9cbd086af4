"""A transfer of bytes between two places: what is planned, how fast it goes, whether it is whole.

Pure values for whatever is moved, files or the log of a database: sizes are bytes, rates bytes per
second. Estimates are made of rates that were measured, and say so by needing one. What must never
happen: a transfer called complete of which something was left out, differs, or was not compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from hospital.rule import Text

NAMED = 100
"""How many names a report carries; above that only their number grows."""

HEADROOM = 1.25
"""A link that carries just what is written never catches up: a quarter more is asked for."""

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)


class How(StrEnum):
    """How two ends are compared; each finds all that the one before it finds, and costs more."""

    SIZES = "sizes"  # names and sizes: two listings
    CHECKSUMS = "checksums"  # the source is read; the target tells the checksum it keeps
    CONTENT = "content"  # both are read: finds what rotted under a checksum that still fits


class Verdict(StrEnum):
    """What may be said of a transfer; only COMPLETE lets a cutover go on."""

    COPIED = "copied"  # nothing was left out, nothing compared → any of the others
    COMPLETE = "complete"  # nothing was left out and every file was compared → COPIED by a new run
    INCOMPLETE = "incomplete"  # files were left out, or could not be compared → any, by a new run
    DIFFERS = "differs"  # the ends were compared and are not the same → any, by a new run


@dataclass(frozen=True, slots=True)
class Names:
    """Some things by name: all are counted, the first ``NAMED`` are kept."""

    count: int = 0
    first: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.count > 0

    def plus(self, name: str) -> Names:
        """These and one more."""
        kept = (*self.first, name) if len(self.first) < NAMED else self.first
        return Names(self.count + 1, kept)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be moved."""

    files: int
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Rate:
    """What a route carried when it was measured; 0 where it was not."""

    bytes_per_second: float
    files_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transfer is; totals grow while the source is still being listed."""

    files: int = 0
    files_total: int = 0
    size: int = 0  # bytes
    size_total: int = 0  # bytes
    compared: int = 0
    elapsed: timedelta = timedelta(0)

    @property
    def rate(self) -> Rate:
        """Since the beginning."""
        seconds = self.elapsed.total_seconds()
        return Rate(self.size / seconds, self.files / seconds) if seconds else Rate(0.0)


@dataclass(frozen=True, slots=True)
class Moved:
    """What one run did: files copied, compared and found equal, left out with the reason."""

    progress: Progress
    left: Names = Names()  # "name: reason"
    deleted: int = 0

    def then(self, later: Moved) -> Moved:
        """Both runs, of which the later one looked at everything again."""
        first, last = self.progress, later.progress
        progress = Progress(
            files=first.files + last.files,
            files_total=first.files_total + last.files_total,
            size=first.size + last.size,
            size_total=first.size_total + last.size_total,
            compared=first.compared,
            elapsed=first.elapsed + last.elapsed,
        )
        return Moved(progress, later.left, self.deleted + later.deleted)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two ends side by side."""

    how: How
    equal: int = 0
    differing: Names = Names()
    missing: Names = Names()  # at the target
    gone: Names = Names()  # at the target still, at the source no more
    unread: Names = Names()  # could not be compared, "name: reason"
    unknown: int = 0  # sizes agree, but the target tells no checksum that could be compared


def verdict(moved: Moved, compared: Compared | None) -> Verdict:
    """What may be said; what is gone at the source is reported apart, and spoils nothing."""
    if compared and (compared.differing or compared.missing):
        return Verdict.DIFFERS
    if moved.left or (compared and (compared.unread or compared.unknown)):
        return Verdict.INCOMPLETE
    return Verdict.COMPLETE if compared and compared.how is not How.SIZES else Verdict.COPIED


def bytes_from(text: str) -> int:
    """``50M``, ``1.5GiB`` or ``4096`` as bytes, units of 1,024; ValueError for anything else."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no size: write it like 50M, 1.5G or 4096")
    return round(float(found[1]) * _UNITS[found[2].upper()])


def estimate(plan: Plan, rate: Rate) -> timedelta | None:
    """How long it takes at a measured rate: the slower of bytes and files; None at no rate.

    Both rates come from one run, and each is at least what the route can do: many small files
    after a run of large ones are bound by files, and the other way round.
    """
    if plan.size and not rate.bytes_per_second:
        return None
    by_bytes = plan.size / rate.bytes_per_second if plan.size else 0.0
    by_files = plan.files / rate.files_per_second if rate.files_per_second else 0.0
    return timedelta(seconds=max(by_bytes, by_files))


def pause(plan: Plan, changed: Plan, *, rate: Rate, compared_per_second: float) -> timedelta | None:
    """How long writers wait for the last delta: all of the plan is compared, the change is moved.

    None where a rate that it needs was not measured.
    """
    moving = estimate(changed, rate)
    if moving is None or (plan.files and not compared_per_second):
        return None
    looking = plan.files / compared_per_second if plan.files else 0.0
    return moving + timedelta(seconds=looking)


@dataclass(frozen=True, slots=True)
class Convergence:
    """Whether a copy ever catches up with those who write; rates are bytes per second."""

    write_rate: float
    link_rate: float
    needed: float  # what the link must carry
    takes: timedelta | None  # for the backlog; None: never

    @property
    def converges(self) -> bool:
        """The link carries what is needed."""
        return self.takes is not None and self.link_rate >= self.needed

    def said(self) -> Text:
        """In words, with both rates and the one that would be needed."""
        write, link, needed = map(per_second, (self.write_rate, self.link_rate, self.needed))
        if self.converges and self.takes is not None:
            seconds = self.takes.total_seconds()
            return Text(
                f"可以追上：写入 {write}，链路 {link}，积压约 {seconds:.0f} 秒追平",
                f"it converges: {write} are written, the link carries {link}, "
                f"the backlog is caught up in about {seconds:.0f} s",
            )
        late = "来不及追上" if self.takes is not None else "永远追不上"
        never = "too slow to catch up in time" if self.takes is not None else "never converges"
        return Text(
            f"{late}：写入 {write}，链路只有 {link}；至少需要 {needed}，或在写入低峰时进行",
            f"{never}: {write} are written, the link carries {link}; at least {needed} are needed, "
            "or a time at which less is written",
        )


def converges(
    write_rate: float, link_rate: float, *, backlog: int = 0, within: timedelta | None = None
) -> Convergence:
    """Whether a link outruns the writers, and works off ``backlog`` bytes ``within`` a time.

    Without a time the link must carry ``HEADROOM`` times what is written.
    """
    spare = link_rate - write_rate
    takes = timedelta(seconds=backlog / spare) if spare > 0 else None
    needed = write_rate * HEADROOM
    if within is not None:
        needed = max(needed, write_rate + backlog / within.total_seconds())
    return Convergence(write_rate, link_rate, needed, takes)


def per_second(rate: float) -> str:
    """A rate for people, such as ``12.5 MiB/s``."""
    return f"{size(rate)}/s"


def size(count: float) -> str:
    """Bytes for people, such as ``1.5 GiB``; units of 1,024."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
