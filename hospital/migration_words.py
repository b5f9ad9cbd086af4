"""What a migration that waits says to the person who looks: where it stands, what is to be done."""

from __future__ import annotations

from dataclasses import replace

from hospital.gate import unsynced
from hospital.move import Method, Migration, MoveSeen, Stream

HOPELESS_SECONDS = 30
"""Of the source's writes, that the target must lack before its rate says that it never catches up.

A copy has just ended when it begins; its first seconds say nothing, nor does a target that has not
applied anything yet.
"""


def soaking(migration: Migration, seen: MoveSeen) -> str:
    """Between cutover and the end."""
    if seen.source_open and seen.target_open and migration.method is Method.LOGICAL:
        return "BOTH ENDS ACCEPT WRITES: somebody opened the source by hand; close it at once"
    if seen.stream is Stream.FLOWING and seen.lag_seconds is not None:
        lag = f"the source lags by {seen.lag_seconds:.1f} s"
    elif seen.stream is Stream.LOST:
        lag = "NO WAY BACK without loss: the stream to the source is lost"
    else:
        lag = f"the way back waits: the stream to the source is {seen.stream}"
    return f"{migration.workload} lives at {migration.target}; {lag}; finalize or roll back"


def syncing(migration: Migration, seen: MoveSeen) -> Migration:
    """Between the first copy and the cutover."""
    if not unsynced(migration):
        lag = "unknown" if seen.lag_seconds is None else f"{seen.lag_seconds:.1f} s"
        text = f"{_unheard(migration)}in step, the target lags by {lag}: "
        text += "rehearse, cut over or roll back"
        if seen.stream is not Stream.FLOWING:
            text = f"the stream is {seen.stream}: {'; '.join(seen.errors)}"
        return replace(migration, message=text, blocked=seen.stream is not Stream.FLOWING)
    return replace(migration, message=_catching_up(seen), blocked=False)


def _unheard(migration: Migration) -> str:
    """That the last order came in this phase and changed nothing; "" if none did."""
    order = migration.order
    if order is None or not migration.since < order.at <= migration.obeyed:
        return ""
    return f"the {order.verb} that {order.by} ordered was not taken up; "


def _catching_up(seen: MoveSeen) -> str:
    written, applied = seen.write_bytes_per_second, seen.apply_bytes_per_second
    lag = "unknown" if seen.lag_bytes is None else f"{seen.lag_bytes >> 10} KiB"
    far = written and seen.lag_bytes is not None and seen.lag_bytes > written * HOPELESS_SECONDS
    if written and far and applied and applied < written:
        return (
            f"CatchUp never ends at this rate: the source writes {written / 1e6:.2f} MB/s, the "
            f"target applies {applied / 1e6:.2f} MB/s; more than {written / 1e6:.2f} MB/s is needed"
        )
    return f"catching up, {lag} behind"
