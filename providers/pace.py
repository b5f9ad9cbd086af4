"""A bound on bytes per second, shared by all streams of a copy.

So that a first copy does not slow the hospital that it is taken from.
"""

from __future__ import annotations

import threading
import time

_BURST_SECONDS = 0.25


class Pace:
    """Bytes that may pass: as many as were saved up, then no faster than the rate; 0: no bound."""

    def __init__(self, bytes_per_second: int = 0) -> None:
        self._rate = bytes_per_second
        self._lock = threading.Lock()
        self._free_at = time.monotonic()
        self.passed = 0  # bytes so far

    def take(self, count: int) -> None:
        """Wait until ``count`` bytes more may pass."""
        with self._lock:
            self.passed += count
            if not self._rate:
                return
            now = time.monotonic()
            self._free_at = max(self._free_at, now - _BURST_SECONDS) + count / self._rate
            wait = self._free_at - now
        if wait > 0:
            time.sleep(wait)
