"""A copy's pace follows how a real source answers a write."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from hospital.yielding import LEAST_RATE
from lab.loopback import Server
from providers.pace import Pace
from providers.sessions import Door
from providers.yielding import CALM_SECONDS, SMALL_BYTES, yielding

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(300)]

BLOCK = 64 << 10


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    for _ in range(round(seconds * 20)):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came true")


@contextmanager
def copying(pace: Pace) -> Iterator[None]:
    """Somebody takes what may pass, as a copy does."""
    ended = threading.Event()

    def take() -> None:
        while not ended.is_set():
            pace.take(BLOCK)

    thread = threading.Thread(target=take)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def door(server: Server) -> Door:
    return Door(server.place, "his", server.credentials())


def test_nothing_passes_before_the_source_was_looked_at(servers: dict[str, Server]) -> None:
    pace = Pace()
    with yielding(door(servers["a"]), pace, size=SMALL_BYTES, slowdown_percent=10):
        began = time.monotonic()
        pace.take(BLOCK)
        assert time.monotonic() - began > CALM_SECONDS * 0.9


def test_a_small_copy_and_one_without_regard_are_left_alone(servers: dict[str, Server]) -> None:
    source = door(servers["a"])
    for size, percent in ((SMALL_BYTES - 1, 10), (SMALL_BYTES, 0)):
        pace = Pace()
        with yielding(source, pace, size=size, slowdown_percent=percent):
            assert pace.rate == 0


def test_a_copy_retreats_while_writes_wait_and_comes_back(servers: dict[str, Server]) -> None:
    """Writes wait for a standby that is gone; then they do not any more."""
    pace = Pace()
    with servers["a"].admin() as admin:
        try:
            with (
                yielding(door(servers["a"]), pace, size=SMALL_BYTES, slowdown_percent=900),
                copying(pace),
            ):
                until(lambda: pace.rate > LEAST_RATE * 4)
                admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
                admin.execute("SELECT pg_reload_conf()")
                until(lambda: pace.rate == LEAST_RATE)
                admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
                admin.execute("SELECT pg_reload_conf()")
                until(lambda: pace.rate > LEAST_RATE)
        finally:
            admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
            admin.execute("SELECT pg_reload_conf()")


def test_a_rate_that_a_person_set_is_never_passed(servers: dict[str, Server]) -> None:
    pace = Pace()
    with (
        yielding(door(servers["a"]), pace, size=SMALL_BYTES, slowdown_percent=900, bound=2_000_000),
        copying(pace),
    ):
        time.sleep(CALM_SECONDS + 3.0)
        assert pace.rate <= 2_000_000
