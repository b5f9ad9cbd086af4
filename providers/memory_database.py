"""A database cluster in memory that keeps Patroni's rules: lease, ``/sync``, self-fencing, rewind.

It exists so that recovery can be played, enumerated and tested in milliseconds, with the same
dangers as the real thing: an isolated primary goes on accepting writes until it fences itself,
a synchronous write that no candidate received is never acknowledged, and an acknowledged
write can be lost if a lease is expired without a fence or a withdrawal. Time never moves
by itself here: ``tick`` is told the time.

Rates are medians of `docs/architecture.md`'s measurements on the lab's machine type.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hospital.estate import Database, Host, Replication
from hospital.story import DatabaseSeen


@dataclass(frozen=True, slots=True)
class Rates:
    """How long the world takes for things, in seconds."""

    ttl: float = 20.0  # Patroni enforces at least 20
    loop_wait: float = 1.0
    retry_timeout: float = 3.0  # a primary without its store demotes itself after this
    promote: float = 0.6  # lease gone → replica writable
    rejoin: float = 12.0  # pg_rewind and catching up: 7 to 21 s
    switchover: float = 2.4
    fence: float = 0.3  # BMC power off, read back
    withdraw: float = 0.13
    pod_ready: float = 1.5  # deployment scaled → pods ready
    hub_election: float = 1.05  # no hub writes while etcd elects
    boot: float = 4.0  # a host that was switched on


@dataclass(slots=True)
class Member:
    """One PostgreSQL under one Patroni."""

    host: Host
    log: list[int] = field(default_factory=list)  # writes it holds, in order
    accepts: bool = False  # it takes writes (whether it may is another question)
    names: tuple[str, ...] = ()  # its synchronous_standby_names
    blocked: set[str] = field(default_factory=set)  # hosts it was made to receive nothing from
    storeless_since: float | None = None  # primary without a store
    streams_from: float = 0.0  # it replicates again from this time (rewind, boot)


@dataclass(slots=True)
class Wiring:
    """What a cluster asks of the world around it."""

    alive: Callable[[Host], bool]
    has_store: Callable[[Host], bool]
    connected: Callable[[str, str], bool]


class Cluster:
    """One database with its members; every method is told the time."""

    def __init__(
        self,
        database: Database,
        hosts: dict[str, Host],
        *,
        wiring: Wiring,
        rates: Rates,
        now: float,
    ) -> None:
        self.database = database
        self.rates = rates
        self.lag_seconds = 0.0  # fault switch: how far the best candidate is behind
        self._wiring = wiring
        self.members = {name: Member(hosts[name]) for name in database.members}
        self.leader = database.members[0]
        self.lease = "1"
        self.timeline = 1
        self.synchronous: tuple[str, ...] = ()
        self._lease_until = now + rates.ttl
        self._writable_at = now
        self._last_leader = self.leader
        self._sync_differs_since: float | None = None
        first = self.members[self.leader]
        first.accepts = True
        if database.replication is Replication.SYNCHRONOUS:
            self.synchronous = first.names = tuple(database.members[1:])

    def tick(self, now: float) -> None:
        """Let everything happen that happens by itself up to ``now``."""
        self._keep_or_lose_lease(now)
        self._fence_oneself(now)
        self._elect(now)
        self._replicate(now)
        self._maintain_synchronous(now)

    def write(self, number: int, *, site: str) -> bool:
        """A client at ``site`` commits ``number``; whether it was acknowledged."""
        for member in self.members.values():
            if not member.accepts or not self._wiring.alive(member.host):
                continue
            if not self._wiring.connected(site, member.host.site):
                continue
            member.log.append(number)
            receivers = [self.members[name] for name in member.names]
            if not all(self._receives(other, member) for other in receivers):
                return False
            for other in receivers:
                other.log = list(member.log)
            return True
        return False

    def revoke(self, *, leader: str, lease: str, now: float) -> None:
        """Drop the leader key if it still names this leader and lease."""
        if (self.leader, self.lease) == (leader, lease):
            self.leader, self.lease = "", ""
            self.tick(now)

    def hand_over(self, target: str, *, now: float) -> int:
        """Planned move to ``target``, which holds everything first; the new timeline."""
        old = self.members[self.leader]
        self.members[target].log = list(old.log)
        old.accepts = False
        self._take(target, now - self.rates.promote)
        self.tick(now)
        return self.timeline

    def seen(self, *, site: str) -> DatabaseSeen:
        """What an observer at ``site`` sees."""
        writable = [
            name
            for name, member in self.members.items()
            if member.accepts
            and self._wiring.alive(member.host)
            and self._wiring.connected(site, member.host.site)
        ]
        preferred = self.leader if self.leader in writable else next(iter(writable), "")
        return DatabaseSeen(
            database=self.database.name,
            leader=self.leader,
            lease=self.lease,
            synchronous=self.synchronous,
            writable=preferred,
            lag_seconds=self.lag_seconds,
            lags=self._standbys(site),
        )

    def _standbys(self, site: str) -> tuple[tuple[str, float], ...]:
        primary = self.members.get(self.leader)
        if primary is None:
            return ()
        return tuple(
            (name, self.lag_seconds)
            for name, member in self.members.items()
            if self._receives(member, primary) and self._wiring.connected(site, member.host.site)
        )

    def received(self, candidate: str, *, from_host: str) -> bool:
        """Whether ``candidate`` could still receive from ``from_host``."""
        return self._receives(self.members[candidate], self.members[from_host])

    def _receives(self, member: Member, primary: Member) -> bool:
        return (
            self._wiring.alive(member.host)
            and not member.accepts
            and self._wiring.connected(member.host.site, primary.host.site)
            and primary.host.id not in member.blocked
            and member.log == primary.log[: len(member.log)]
        )

    def _keep_or_lose_lease(self, now: float) -> None:
        if not self.leader:
            return
        host = self.members[self.leader].host
        if self._wiring.alive(host) and self._wiring.has_store(host):
            self._lease_until = now + self.rates.ttl
        elif now >= self._lease_until:
            self.leader, self.lease = "", ""

    def _fence_oneself(self, now: float) -> None:
        for name, member in self.members.items():
            if not member.accepts:
                continue
            if not self._wiring.alive(member.host):
                member.accepts, member.storeless_since = False, None
            elif self._wiring.has_store(member.host):
                member.storeless_since = None
                if self.leader not in ("", name):
                    member.accepts = False
            elif member.storeless_since is None:
                member.storeless_since = now
            elif now - member.storeless_since >= self.rates.retry_timeout:
                member.accepts = False

    def _elect(self, now: float) -> None:
        if not self.leader:
            candidates = [name for name in self.members if self._may_lead(name)]
            # The last leader first: it has every write that was ever acknowledged.
            candidates.sort(
                key=lambda name: (name != self._last_leader, -len(self.members[name].log))
            )
            if candidates:
                self._take(candidates[0], now)
        leader = self.members.get(self.leader)
        if leader and not leader.accepts and now >= self._writable_at and self._runs(leader):
            leader.accepts = True

    def _runs(self, member: Member) -> bool:
        return self._wiring.alive(member.host) and self._wiring.has_store(member.host)

    def _may_lead(self, name: str) -> bool:
        if not self._runs(self.members[name]):
            return False
        if self.database.replication is Replication.ASYNCHRONOUS:
            return True
        return name in (self._last_leader, *self.synchronous)

    def _take(self, name: str, now: float) -> None:
        if name != self._last_leader:
            self.timeline += 1
        self.leader = self._last_leader = name
        self.lease = format(int(self.lease or "0", 16) + self.timeline + int(now * 1000), "x")
        self._lease_until = now + self.rates.ttl
        self._writable_at = now + self.rates.promote
        self.synchronous = self.members[name].names = ()
        self._sync_differs_since = None

    def _replicate(self, now: float) -> None:
        primary = self.members.get(self.leader)
        if primary is None or not primary.accepts:
            return
        for member in self.members.values():
            if member is primary or not self._wiring.alive(member.host):
                continue
            if not self._wiring.connected(member.host.site, primary.host.site):
                continue
            if primary.host.id in member.blocked:
                continue
            if member.log == primary.log[: len(member.log)]:
                if now >= member.streams_from:
                    member.log = list(primary.log)
            elif member.streams_from <= now and not member.accepts:
                member.streams_from = now + self.rates.rejoin
                member.log = list(primary.log)

    def _maintain_synchronous(self, now: float) -> None:
        primary = self.members.get(self.leader)
        if self.database.replication is Replication.ASYNCHRONOUS or primary is None:
            return
        if not primary.accepts or not self._runs(primary):
            return
        streaming = tuple(
            name
            for name, member in self.members.items()
            if member is not primary
            and now >= member.streams_from
            and self._receives(member, primary)
        )
        if streaming == self.synchronous:
            self._sync_differs_since = None
        elif self._sync_differs_since is None:
            self._sync_differs_since = now
        elif now - self._sync_differs_since >= self.rates.loop_wait:
            self.synchronous = primary.names = streaming
            self._sync_differs_since = None
