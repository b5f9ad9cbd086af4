"""A bound on bytes per second, shared by all streams of a copy.

So that a first copy does not slow the hospital that it is taken from.
"""

from __future__ import annotations

import threading
import time

_BURST_SECONDS = 0.05
_GRANULES = 50  # a second: what passes at once holds nobody up for long
GRANULE_BYTES = (64 << 10, 1 << 20)  # the least and the most


class Pace:
    """Bytes that may pass: as many as were saved up, then no faster than the rate; 0: no bound."""

    def __init__(self, bytes_per_second: int = 0) -> None:
        self._rate = bytes_per_second
        self._lock = threading.Lock()
        self._free_at = time.monotonic()
        self.passed = 0  # bytes so far

    @property
    def rate(self) -> int:
        """Bytes per second; 0: no bound."""
        return self._rate

    @property
    def granule(self) -> int:
        """How many bytes to move at once."""
        least, most = GRANULE_BYTES
        return max(least, min(most, self._rate // _GRANULES)) if self._rate else most

    def change(self, bytes_per_second: int) -> None:
        """Another rate from now on."""
        with self._lock:
            self._rate = bytes_per_second

    def pause(self, seconds: float) -> None:
        """Nothing passes for that long."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def take(self, count: int) -> None:
        """Wait until ``count`` bytes more may pass."""
        with self._lock:
            self.passed += count
            now = time.monotonic()
            if self._rate:
                self._free_at = max(self._free_at, now - _BURST_SECONDS) + count / self._rate
            wait = self._free_at - now
        if wait > 0:
            time.sleep(wait)
