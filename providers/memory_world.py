"""The world that ``memory.py`` shows through the ports: sites, hosts, pods, names, a hub.

It must never be kinder than the real world: an isolated primary goes on by itself, a boot takes
time, a hub elects. Nothing reads a real clock: time is ``world.clock``, and moves when told.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Protocol

from hospital.codec import HubObject, hub_objects
from hospital.estate import Database, Estate, Host, Workload
from hospital.move import Migration
from hospital.story import Action
from providers.memory_database import Cluster, Rates, Wiring
from providers.ports import Lease

_GRAIN = 0.05  # seconds; the world is let happen in steps of at most this


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> float:
        """Seconds since some epoch; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed."""


class PlayedClock:
    """A clock that moves only when told."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start

    def now(self) -> float:
        """Seconds since the epoch of this play."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass at once."""
        self._now += seconds


@dataclass(slots=True)
class Place:
    """A workload's pods at one site."""

    replicas: int
    database: str  # cluster that they reach from there; "" if they need none
    ready_from: float = 0.0


@dataclass(slots=True)
class HubState:
    """What etcd would hold."""

    declared: dict[tuple[str, str], HubObject] = field(default_factory=dict)
    actions: dict[str, tuple[int, Action]] = field(default_factory=dict)
    migrations: dict[str, tuple[int, Migration]] = field(default_factory=dict)
    active: dict[str, str] = field(default_factory=dict)
    status: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    events: list[tuple[str, str, str, str]] = field(default_factory=list)
    leases: dict[str, Lease] = field(default_factory=dict)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    copies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by cloud site
    version: int = 0


def _at_home(workload: Workload, site: str) -> bool:
    return site == workload.home and not workload.rehearses


class World:
    """The estate as it runs, with switches for everything that can go wrong."""

    def __init__(
        self, estate: Estate, *, clock: Clock | None = None, rates: Rates | None = None
    ) -> None:
        self.estate = estate
        self.clock: Clock = clock or PlayedClock()
        self.rates = rates or Rates()
        self.lock = threading.RLock()
        self.hub = HubState()
        self._lost: set[str] = set()
        self._cut: set[str] = set()
        self._off: set[str] = set()
        self._broken_bmcs: set[str] = set()
        self._settled = self.clock.now()
        self._hub_silent_until = 0.0
        self._hub_leader = estate.sites[0].name
        self._writes = 0
        self.acknowledged: dict[str, list[int]] = {base.name: [] for base in estate.databases}
        self.clusters = {base.name: self._cluster(base) for base in estate.databases}
        self.places = {
            (item.name, site.name): Place(
                item.replicas if _at_home(item, site.name) else 0,
                database=way.name if (way := estate.way(item, site.name)) else "",
            )
            for item, site in estate.deployments
        }
        self.answers = {
            (site.name, estate.host_name(item.name)): estate.site(item.home).endpoints.ingress
            for site in estate.sites
            for item in estate.workloads
            if item.home
        }
        for item in hub_objects(estate):
            self.hub.declared[item.kind, item.name] = item

    # Fault switches -----------------------------------------------------------------------

    def lose(self, site: str) -> None:
        """Power off everything at a site, at once."""
        self.happen()
        self._lost.add(site)
        self._lose_hub_member(site)

    def bring_back(self, site: str) -> None:
        """Power a lost site on again, with its disks."""
        self.happen()
        self._lost.discard(site)
        self._boot(site)

    def cut(self, site: str) -> None:
        """Cut a site's links; everything inside lives on."""
        self.happen()
        self._cut.add(site)
        self._lose_hub_member(site)

    def heal(self, site: str) -> None:
        """Mend a cut site's links."""
        self.happen()
        self._cut.discard(site)

    def stop_host(self, host_id: str) -> None:
        """Switch one host off behind everybody's back."""
        self.happen()
        self._off.add(host_id)

    def break_bmc(self, host_id: str) -> None:
        """A host's BMC answers nobody any more."""
        self._broken_bmcs.add(host_id)

    def switch(self, host: Host, *, on: bool) -> None:
        """A host's power, as its BMC switches it; felt at this very moment."""
        with self.lock:
            self._happen()
            (self._off.discard if on else self._off.add)(host.id)
            self._settled -= _GRAIN
            self._happen()

    def has_bmc(self, host: Host) -> bool:
        """Whether the host's BMC works."""
        return host.bmc is not None and host.id not in self._broken_bmcs

    # What holds ---------------------------------------------------------------------------

    def up(self, site: str) -> bool:
        """Whether a site has power; a name that is no site (the wide-area network) has."""
        return site not in self._lost

    def connected(self, one: str, other: str) -> bool:
        """Whether two sites reach each other; "" is the wide-area network outside all sites."""
        if not (self.up(one) and self.up(other)):
            return False
        return one == other or not {one, other} & self._cut

    def alive(self, host: Host) -> bool:
        """Whether a host has power."""
        return self.up(host.site) and host.id not in self._off

    def quorum(self, site: str) -> bool:
        """Whether the hub accepts a write at a site."""
        if self.clock.now() < self._hub_silent_until:
            return False
        return self._majority(site)

    def happen(self) -> None:
        """Let everything happen that happens by itself up to now."""
        with self.lock:
            self._happen()

    # Clients ------------------------------------------------------------------------------

    def write(self, database: str, *, site: str = "") -> int | None:
        """A client at ``site`` commits one row; its number if that was acknowledged."""
        with self.lock:
            self._happen()
            self._writes += 1
            if not self.clusters[database].write(self._writes, site=site):
                return None
            self.acknowledged[database].append(self._writes)
            return self._writes

    def lost_writes(self, database: str) -> tuple[int, ...]:
        """Acknowledged rows that the present primary does not hold."""
        with self.lock:
            self._happen()
            cluster = self.clusters[database]
            if not cluster.leader:
                return ()
            kept = set(cluster.members[cluster.leader].log)
            return tuple(row for row in self.acknowledged[database] if row not in kept)

    def answering(self, workload: str, *, site: str) -> bool:
        """Whether a workload's pods at a site are ready: started, and their database writable."""
        place = self.places.get((workload, site))
        if place is None or not place.replicas or not self.up(site):
            return False
        if self.clock.now() < place.ready_from:
            return False
        if not place.database:
            return True
        return bool(self.clusters[place.database].seen(site=site).writable)

    # How ----------------------------------------------------------------------------------

    def _cluster(self, base: Database) -> Cluster:
        wiring = Wiring(
            alive=self.alive,
            has_store=lambda host: self._majority(host.site),
            connected=self.connected,
        )
        hosts = {name: self.estate.host(name) for name in base.members}
        return Cluster(base, hosts, wiring=wiring, rates=self.rates, now=self._settled)

    def _majority(self, site: str) -> bool:
        reached = [other for other in self.estate.sites if self.connected(site, other.name)]
        return self.up(site) and len(reached) * 2 > len(self.estate.sites)

    def _happen(self) -> None:
        now = self.clock.now()
        while self._settled < now:
            self._settled = min(now, self._settled + _GRAIN)
            for cluster in self.clusters.values():
                cluster.tick(self._settled)

    def _lose_hub_member(self, site: str) -> None:
        if site == self._hub_leader:
            self._hub_silent_until = self.clock.now() + self.rates.hub_election
            others = [item.name for item in self.estate.sites if self._majority(item.name)]
            self._hub_leader = next(iter(others), site)

    def _boot(self, site: str) -> None:
        started = self.clock.now() + self.rates.boot
        for (_, where), place in self.places.items():
            if where == site:
                place.ready_from = started + self.rates.pod_ready
        for cluster in self.clusters.values():
            for member in cluster.members.values():
                if member.host.site == site:
                    member.streams_from = started
                    member.blocked.clear()
