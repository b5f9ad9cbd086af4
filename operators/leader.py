"""Who decides: one operator at a time, by the Lease ``leader`` in the hub.

Own compare-and-swap, because what matters here is seconds: a Lease of 2 s, renewed every 0.3 s,
given up by its holder after 1.3 s without a renewal, so that the holder has stopped before
anybody else can begin. A takeover costs 2 to 3 s. Ages are taken by the reader's own clock.

An operator at a site that holds a database primary stands back: losing that site must not also
lose the leader, which would cost the takeover on top of the recovery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from hospital.errors import RefusedError, UnavailableError
from providers.lookout import Heartbeats
from providers.ports import Lease, LeaseStore

LEASE = "leader"
LEASE_SECONDS = 2.0
RENEW_SECONDS = 1.3
RETRY_SECONDS = 0.3
STAND_BACK_SECONDS = 1.0  # how much later an operator at a primary's site takes a free Lease


class Leadership:
    """One operator's part in the election. ``now`` is a monotonic clock, ``today`` the epoch."""

    def __init__(
        self,
        identity: str,
        *,
        leases: LeaseStore,
        now: Callable[[], float],
        today: Callable[[], float],
        stands_back: Callable[[], bool],
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """``identity`` is unique per process, so two operators at one site are two."""
        self.identity = identity
        self._leases = leases
        self._now = now
        self._today = today
        self._stands_back = stands_back
        self._busy = busy
        self._renewed: float | None = None

    def leading(self) -> bool:
        """Whether this operator may act at this very moment."""
        return self._renewed is not None and self._now() - self._renewed < RENEW_SECONDS

    def take_part(self, leases: Iterable[Lease], heartbeats: Heartbeats) -> None:
        """Renew, take, give up or leave alone; ``leases`` were read just now. Never raises."""
        lease = next((each for each in leases if each.name == LEASE), None)
        if lease is None:
            lease = Lease(LEASE, holder="", renewed=0.0, duration_seconds=LEASE_SECONDS)
        if lease.holder == self.identity:
            self._go_on(lease, heartbeats)
            return
        self._renewed = None
        patience = STAND_BACK_SECONDS if self._stands_back() else 0.0
        if lease.holder:
            patience += LEASE_SECONDS
        if heartbeats.age(LEASE, now=self._now()) >= patience:
            self._write(lease, holder=self.identity)

    def give_up(self, leases: Iterable[Lease]) -> None:
        """Free the Lease, if it is ours, so that another need not wait."""
        mine = next((each for each in leases if each.name == LEASE), None)
        if mine is not None and mine.holder == self.identity:
            self._write(mine, holder="")

    def _go_on(self, lease: Lease, heartbeats: Heartbeats) -> None:
        if self._stands_back() and not self._busy() and self._another_lives(heartbeats):
            self._write(lease, holder="")
            return
        self._write(lease, holder=self.identity)

    def _another_lives(self, heartbeats: Heartbeats) -> bool:
        mine = f"site-{self.identity.partition('/')[0]}"
        now = self._now()
        return any(
            heartbeats.age(name, now=now) < LEASE_SECONDS
            for name in heartbeats.known()
            if name.startswith("site-") and name != mine
        )

    def _write(self, lease: Lease, *, holder: str) -> None:
        asked = self._now()
        try:
            self._leases.write(replace(lease, holder=holder, renewed=self._today()))
        except RefusedError:
            self._renewed = None  # somebody else was first
        except UnavailableError:
            return  # what we hold runs out by itself
        else:
            self._renewed = asked if holder == self.identity else None
