"""Loops that must not stall, and the proof that they do not.

Every background loop beats once per round; ``stale`` names those that did not beat in time, and
the liveness endpoint fails with them. A round that raises is logged once per distinct message
and tried again: an operator never dies of a site that does not answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from hospital.errors import HospitalError

LOG = logging.getLogger("xinglin")

_FAREWELL = 2.0  # seconds; the threads die with the process anyway
_PATIENCE = 15.0  # seconds; a round may be slow, a loop may not be gone


class Pulse:
    """Runs loops in threads of their own and knows which of them live."""

    def __init__(self) -> None:
        self._beats: dict[str, float] = {}
        self._said: dict[str, str] = {}
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def every(
        self,
        seconds: float | Callable[[], float],
        name: str,
        work: Callable[[], object],
        *,
        sooner: threading.Event | None = None,
    ) -> None:
        """Run ``work`` every ``seconds`` until stopped; at once when ``sooner`` is set.

        ``seconds`` may be asked anew after every round.
        """

        def loop() -> None:
            while not self._stop.is_set():
                started = time.monotonic()
                self._round(name, work)
                wanted = seconds() if callable(seconds) else seconds
                left = max(0.01, wanted - (time.monotonic() - started))
                if sooner is None:
                    self._stop.wait(left)
                elif sooner.wait(left):
                    sooner.clear()

        self._beats[name] = time.monotonic()
        thread = threading.Thread(target=loop, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def beat(self, name: str) -> None:
        """A round of ``name`` ended, or a watch told something."""
        self._beats[name] = time.monotonic()

    def stale(self) -> tuple[str, ...]:
        """Loops that have not beaten for too long."""
        now = time.monotonic()
        return tuple(sorted(name for name, at in self._beats.items() if now - at > _PATIENCE))

    def stop(self) -> None:
        """End all loops and wait a moment, for all together, for their present rounds."""
        self._stop.set()
        deadline = time.monotonic() + _FAREWELL
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def _round(self, name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except HospitalError as error:
            self._say(name, str(error))
        except Exception as error:
            if self._said.get(name) != repr(error):
                LOG.exception("%s: a round failed for a reason nobody foresaw", name)
            self._said[name] = repr(error)
        else:
            if self._said.pop(name, ""):
                LOG.info("%s: works again", name)
        self._beats[name] = time.monotonic()

    def _say(self, name: str, message: str) -> None:
        if self._said.get(name) != message:
            LOG.warning("%s: %s", name, message)
            self._said[name] = message
