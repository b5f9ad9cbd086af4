"""Keeps a copy from being felt at the source: it asks how the source answers, and sets the pace.

What is asked is a small write that every client's own resembles: a logical message, which takes a
transaction, the write-ahead log and, where the cluster is synchronous, the standby's answer, but no
table; no decoder of ours reads it. Every minute the copy pauses for some seconds, because a
hospital at eight in the morning answers otherwise than at seven. Decides nothing itself: that is
``hospital/yielding.py``.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from hospital.errors import HospitalError
from hospital.yielding import FIRST_RATE, Calm, next_rate
from providers.pace import Pace
from providers.patroni import sql_answers
from providers.sessions import Connection, Door

HERTZ = 20.0
CALM_SECONDS = 3.0  # without the copy: 60 writes
WINDOW_SECONDS = 2.0  # with it: 40 writes
AGAIN_SECONDS = 60.0  # from one calm to the next
PATIENCE_SECONDS = 2.0  # a write that waits for a standby that is gone would wait for ever
SMALL_BYTES = 64 << 20
"""Less is copied as fast as it goes: it takes no longer than the first look at the source would."""

_WRITE = b"SELECT pg_logical_emit_message(true, 'xinglin', '')"


@contextmanager
def yielding(
    source: Door, pace: Pace, *, size: int, slowdown_percent: int, bound: int = 0
) -> Iterator[None]:
    """Within, ``pace`` follows what the source can bear, for a copy of ``size`` bytes.

    ``bound`` is the most that may ever pass, bytes per second; 0: no bound. Without a percentage,
    and for a small copy, nothing is asked.
    """
    if not slowdown_percent or size < SMALL_BYTES:
        yield
        return
    watch = _Watch(source, pace, slowdown_percent=slowdown_percent, bound=bound)
    watch.start()
    try:
        yield
    finally:
        watch.end()


class _Watch:
    def __init__(self, source: Door, pace: Pace, *, slowdown_percent: int, bound: int) -> None:
        self._source = source
        self._pace = pace
        self._percent = slowdown_percent
        self._bound = bound
        self._rate = min(FIRST_RATE, bound or FIRST_RATE)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="yielding")

    def start(self) -> None:
        """Nothing passes before the first look has ended."""
        self._pace.change(self._rate)
        self._pace.pause(CALM_SECONDS)
        self._thread.start()

    def end(self) -> None:
        """Returns when no question is under way."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        """A source that does not answer for a while is no reason to end a copy, nor to hurry."""
        while not self._ended.is_set():
            try:
                with self._source.connect("yielding") as connection:
                    self._follow(connection)
            except HospitalError:
                self._set(0.0, late=1.0)
                self._ended.wait(WINDOW_SECONDS)

    def _follow(self, connection: Connection) -> None:
        while not self._ended.is_set():
            self._pace.pause(CALM_SECONDS)
            calm = Calm(self._delays(connection, CALM_SECONDS))
            again = time.monotonic() + AGAIN_SECONDS
            while calm.delays and time.monotonic() < again and not self._ended.is_set():
                before, began = self._pace.passed, time.monotonic()
                delays = self._delays(connection, WINDOW_SECONDS)
                if not delays:
                    return
                passed = (self._pace.passed - before) / (time.monotonic() - began)
                self._set(passed, late=calm.late(delays, slowdown_percent=self._percent))

    def _set(self, passed: float, *, late: float) -> None:
        self._rate = next_rate(self._rate, passed=passed, late=late, bound=self._bound)
        self._pace.change(self._rate)

    def _delays(self, connection: Connection, seconds: float) -> tuple[float, ...]:
        """Of writes that were due evenly in that time, each from when it was due.

        Those that the time did not suffice for, because one stood in the way, were not asked.
        """
        found: list[float] = []
        began = time.monotonic()
        for number in range(int(seconds * HERTZ)):
            now, due = time.monotonic(), began + number / HERTZ
            if now > began + seconds or self._ended.wait(max(0.0, due - now)):
                break
            with sql_answers(str(self._source.place)):
                _write(connection)
            found.append(time.monotonic() - due)
        return tuple(found)


def _write(connection: Connection) -> None:
    """One write, given up after a while; PostgreSQL's timeouts do not reach into a commit."""
    raw, deadline = connection.pgconn, time.monotonic() + PATIENCE_SECONDS
    raw.send_query(_WRITE)
    raw.consume_input()
    while raw.is_busy():
        left = deadline - time.monotonic()
        if left <= 0:
            connection.cancel_safe(timeout=PATIENCE_SECONDS)  # it is committed here all the same
            break
        select.select([connection], [], [], left)
        raw.consume_input()
    while (result := raw.get_result()) is not None:
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result)
