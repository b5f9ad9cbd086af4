"""A whole estate in memory, behind the same ports as the real adapters.

``xinglin simulate``, tests and rehearsals of a decision run on it. Whoever acts, acts *from a
site* (``SiteHands(world, site)``) and reaches only what that site reaches: what a lost or
cut-off site cannot do in life raises UnavailableError here. The world itself, with its fault
switches, is ``memory_world.py``; databases are ``memory_database.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hospital.codec import HubObject
from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Database, Host, Site, SiteKind, Workload
from hospital.story import Action, ActionPhase, DatabaseSeen, StepRecord, WorkloadSeen
from providers.memory_database import Cluster, Rates
from providers.memory_migrations import MemoryMigrations
from providers.memory_world import Clock, HubState, Place, PlayedClock, World
from providers.ports import HandoverToken, Lease

__all__ = ["Clock", "PlayedClock", "Rates", "SiteHands", "World"]


class SiteHands:
    """Every port, as reached from one site; stands for a bundle of real adapters there."""

    def __init__(self, world: World, site: str) -> None:
        self.databases = MemoryDatabases(world, site)
        self.power = MemoryPower(world, site)
        self.workloads = MemoryWorkloads(world, site)
        self.names = MemoryNames(world, site)
        self.hub = self.leases = MemoryHub(world, site)
        self.stories = MemoryHub(world, site)
        self.evidence = MemoryEvidence(world, site)
        self.archive = MemoryArchive(world, site)
        self.probe = MemoryProbe(world, site)


class _Port:
    """A port as used from one site."""

    def __init__(self, world: World, site: str) -> None:
        self._world = world
        self._site = site

    def _reach(self, site: str, endpoint: str) -> None:
        self._world.happen()
        if not self._world.connected(self._site, site):
            raise UnavailableError(endpoint, "no answer")


class MemoryDatabases(_Port):
    """DatabaseHands in memory."""

    def observe(self, database: Database) -> DatabaseSeen:
        """The cluster as its store and its members say."""
        self._store(database)
        return self._cluster(database).seen(site=self._site)

    def reachable(self, host: Host) -> bool:
        """Whether the host's Patroni would answer."""
        return self._world.alive(host) and self._world.connected(self._site, host.site)

    def withdraw(self, database: Database, *, candidate: Host, from_host: Host) -> None:
        """The candidate receives nothing more from the host."""
        self._host(candidate)
        self._world.clock.sleep(self._world.rates.withdraw)
        self._cluster(database).members[candidate.id].blocked.add(from_host.id)

    def restore(self, database: Database, *, candidate: Host, from_host: Host) -> None:
        """Lift the withdrawal."""
        self._host(candidate)
        self._cluster(database).members[candidate.id].blocked.discard(from_host.id)

    def withdrawn(self, database: Database, *, candidate: Host, from_host: Host) -> bool:
        """Whether the candidate can receive nothing from the host."""
        self._host(candidate)
        return from_host.id in self._cluster(database).members[candidate.id].blocked

    def expire(
        self, database: Database, *, leader: str, lease: str, synchronous: tuple[str, ...]
    ) -> None:
        """Revoke the lease, if the store still names this leader, lease and these candidates."""
        self._store(database)
        cluster = self._cluster(database)
        if cluster.leader == leader and set(cluster.synchronous) != set(synchronous):
            raise UnavailableError(database.name, "its synchronous candidates changed")
        cluster.revoke(leader=leader, lease=lease, now=self._world.clock.now())

    def switchover(self, database: Database, *, target: Host) -> HandoverToken:
        """Planned move; nothing to do if the target leads already."""
        self._store(database)
        self._host(target)
        cluster = self._cluster(database)
        if cluster.leader != target.id:
            if target.id not in cluster.synchronous:
                raise RefusedError(target.id, "is not a synchronous candidate")
            self._world.clock.sleep(self._world.rates.switchover)
            cluster.hand_over(target.id, now=self._world.clock.now())
        rows = len(cluster.members[target.id].log)
        return HandoverToken(timeline=cluster.timeline, lsn=f"0/{rows:X}")

    def _cluster(self, database: Database) -> Cluster:
        return self._world.clusters[database.name]

    def _store(self, database: Database) -> None:
        self._world.happen()
        if not self._world.quorum(self._site):
            raise UnavailableError(f"store of {database.name}", "no quorum")

    def _host(self, host: Host) -> None:
        self._reach(host.site, host.id)
        if not self._world.alive(host):
            raise UnavailableError(host.id, "no answer")


class MemoryPower(_Port):
    """PowerHands in memory."""

    def is_on(self, host: Host) -> bool:
        """The power state, if the BMC answers."""
        self._bmc(host)
        return self._world.alive(host)

    def power_off(self, host: Host) -> None:
        """Off."""
        self._bmc(host)
        self._world.clock.sleep(self._world.rates.fence)
        self._world.switch(host, on=False)

    def power_on(self, host: Host) -> None:
        """On."""
        self._bmc(host)
        self._world.switch(host, on=True)

    def _bmc(self, host: Host) -> None:
        self._reach(host.site, f"BMC of {host.id}")
        if not self._world.has_bmc(host):
            raise UnavailableError(f"BMC of {host.id}", "no answer")


class MemoryWorkloads(_Port):
    """WorkloadHands in memory."""

    def scale(self, workload: Workload, *, site: str, replicas: int) -> None:
        """Pods become ready some time after the first of them was asked for."""
        place = self._place(workload, site)
        if replicas and not place.replicas:
            place.ready_from = self._world.clock.now() + self._world.rates.pod_ready
        place.replicas = replicas

    def observe(self, workload: Workload, *, site: str) -> WorkloadSeen:
        """Wanted and ready replicas."""
        place = self._place(workload, site)
        ready = place.replicas if self._world.answering(workload.name, site=site) else 0
        return WorkloadSeen(workload.name, site, place.replicas, ready)

    def running(self, workload: Workload, *, site: str) -> int:
        """Pods that were started long enough ago, whatever their database does."""
        place = self._place(workload, site)
        return place.replicas if self._world.clock.now() >= place.ready_from else 0

    def survey(self, workloads: Iterable[Workload], *, site: str) -> tuple[WorkloadSeen, ...]:
        """The same for many."""
        return tuple(self.observe(each, site=site) for each in workloads)

    def _place(self, workload: Workload, site: str) -> Place:
        self._reach(site, f"cluster of {site}")
        place = self._world.places.get((workload.name, site))
        if place is None:
            raise RefusedError(f"cluster of {site}", f"{workload.name} is not deployed here")
        return place


class MemoryNames(_Port):
    """NameHands in memory."""

    def point(self, name: str, *, address: str, servers: Iterable[str]) -> tuple[str, ...]:
        """Change the answer at every server that is reached."""
        taken = tuple(server for server in servers if self._set(name, address, server))
        if not taken:
            raise UnavailableError(name, "no DNS server answers")
        return taken

    def answer(self, name: str, *, server: str) -> str:
        """One server's answer."""
        site = self._site_of(server)
        self._reach(site, server)
        return self._world.answers.get((site, name), "")

    def _set(self, name: str, address: str, server: str) -> bool:
        site = self._site_of(server)
        if not self._world.connected(self._site, site):
            return False
        self._world.answers[site, name] = address
        return True

    def _site_of(self, server: str) -> str:
        for site in self._world.estate.sites:
            if site.endpoints.dns == server:
                return site.name
        raise RefusedError(server, "is no DNS server of this estate")


class MemoryHub(MemoryMigrations, _Port):
    """HubStore and LeaseStore in memory, with the hub's quorum and its compare-and-swap."""

    def __init__(self, world: World, site: str) -> None:
        super().__init__(world, site)
        self._read: dict[str, int] = {}
        self._moved = {}

    def actions(self) -> tuple[Action, ...]:
        """All actions, oldest first."""
        state = self._state()
        self._read |= {name: version for name, (version, _) in state.actions.items()}
        found = [action for _, action in state.actions.values()]
        return tuple(sorted(found, key=lambda action: (action.requested_at, action.name)))

    def create_action(self, action: Action) -> None:
        """Ask for an action."""
        state = self._state()
        with self._world.lock:
            if action.name in state.actions:
                raise RefusedError("hub", f"action {action.name} exists")
            self._keep(action)

    def record(
        self, action: str, *, records: tuple[StepRecord, ...], phase: str, message: str
    ) -> None:
        """Write phase and records, if nobody else wrote since this hub view read them."""
        state = self._state()
        with self._world.lock:
            version, known = state.actions[action]
            if self._read.get(action) != version:
                raise RefusedError("hub", f"action {action} was changed by another operator")
            self._keep(replace(known, records=records, phase=ActionPhase(phase), message=message))

    def active_sites(self) -> dict[str, str]:
        """Recorded places; a workload that never moved is at home."""
        homes = {item.name: item.home for item in self._world.estate.workloads if item.home}
        return homes | self._state().active

    def set_active(self, *, subject: str, site: str) -> None:
        """Record a place."""
        self._state().active[subject] = site

    def declared(self) -> tuple[HubObject, ...]:
        """Every declaration."""
        return tuple(self._state().declared.values())

    def set_status(self, kind: str, name: str, *, status: Mapping[str, Any]) -> None:
        """Merge a status."""
        state = self._state()
        state.status[kind, name] = state.status.get((kind, name), {}) | dict(status)

    def announce(
        self, kind: str, name: str, *, reason: str, message: str, warning: bool = False
    ) -> None:
        """Keep an event."""
        self._state().events.append((kind, name, reason, message))

    def leases(self) -> tuple[Lease, ...]:
        """All leases."""
        return tuple(self._state().leases.values())

    def write(self, lease: Lease) -> Lease:
        """Compare and swap."""
        state = self._state()
        with self._world.lock:
            known = state.leases.get(lease.name)
            if (known.version if known else "") != lease.version:
                raise RefusedError("hub", f"lease {lease.name} was changed by another")
            state.version += 1
            state.leases[lease.name] = replace(lease, version=str(state.version))
            return state.leases[lease.name]

    def _state(self) -> HubState:
        self._world.happen()
        if not self._world.quorum(self._site):
            raise UnavailableError(f"hub at {self._site}", "no quorum")
        return self._world.hub

    def _keep(self, action: Action) -> None:
        state = self._world.hub
        state.version += 1
        state.actions[action.name] = (state.version, action)
        self._read[action.name] = state.version


class MemoryEvidence(_Port):
    """EvidenceStore in memory: the order of records, without signatures."""

    def append(self, record: Mapping[str, Any]) -> int:
        """Keep a record once per action."""
        if not self._world.quorum(self._site):
            raise UnavailableError(f"hub at {self._site}", "no quorum")
        with self._world.lock:
            chain = self._world.hub.evidence
            for number, known in enumerate(chain):
                if known["action"] == record["action"]:
                    return number
            chain.append(dict(record))
            return len(chain) - 1


class MemoryArchive(_Port):
    """EvidenceArchive in memory."""

    def copy(self) -> tuple[str, ...]:
        """Copy what is missing at every cloud site that is reached."""
        if not self._world.quorum(self._site):
            raise UnavailableError(f"hub at {self._site}", "no quorum")
        done: list[str] = []
        dark: list[str] = []
        for site in self._world.estate.sites:
            if site.kind is not SiteKind.PUBLIC_CLOUD:
                continue
            if not self._world.connected(self._site, site.name):
                dark.append(site.name)
                continue
            with self._world.lock:
                copies = self._world.hub.copies.setdefault(site.name, [])
                missing = self._world.hub.evidence[len(copies) :]
                copies += missing
            done += [f"{record['action']} at {site.name}" for record in missing]
        if dark:
            raise UnavailableError(f"bucket at {dark[0]}", "no answer")
        return tuple(done)


class MemoryProbe(_Port):
    """SiteProbe in memory."""

    def reachable(self, site: Site) -> bool:
        """Whether the site answers on the network."""
        return self._world.connected(self._site, site.name)
