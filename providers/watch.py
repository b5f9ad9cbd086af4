"""One site's watch over all others: probe, tell the hub, read what others told, sum up.

Operators run each method in a loop of its own; ``xinglin simulate`` calls them in turn. Nothing
here decides: what the sights mean is ``hospital/detection.py``'s. No method may block the others,
so what takes time (databases of a dark site) is kept with the moment at which it was seen, and
forgotten when it is too old to be believed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from functools import partial

from hospital.codec import HubObject, estate_from
from hospital.errors import HospitalError, RefusedError, UnavailableError
from hospital.estate import Database, Estate
from hospital.story import DatabaseSeen, Seen, WorkloadSeen
from providers.hands import Hands
from providers.lookout import (
    ANNOTATION,
    PREFIX,
    Heartbeats,
    Lookout,
    Sources,
    database_hosts,
    gather,
    host_target,
    site_target,
    write_sights,
)
from providers.ports import Lease

HEARTBEAT_SECONDS = 0.5
QUORUM_SECONDS = 2.0  # the hub has quorum if it took a heartbeat within this
HURRY_SECONDS = 3.0  # after something began or ceased to answer, the others' word is awaited
BELIEVED_SECONDS = 2.5  # a database as seen longer ago is not seen at all


class Watch:
    """What one site knows. Safe to use from several threads."""

    def __init__(
        self,
        site: str,
        *,
        hands: Hands,
        now: Callable[[], float],
        today: Callable[[], float],
        crew: Executor | None = None,
    ) -> None:
        """``now`` is monotonic, ``today`` the epoch; without ``crew`` probes run in turn."""
        self.site = site
        self.hands = hands
        self.lookout = Lookout()
        self.heartbeats = Heartbeats(started=now())
        self.changed = threading.Event()  # something answers that did not, or the reverse
        self.leases: tuple[Lease, ...] = ()
        self._changed_at: float | None = None
        self._now = now
        self._today = today
        self._crew = crew
        self._told: float | None = None
        self._mine: Lease | None = None
        self._probing: dict[str, Future[None]] = {}
        self._databases: dict[str, tuple[float, DatabaseSeen]] = {}
        self._workloads: tuple[WorkloadSeen, ...] = ()

    def declared(self) -> Estate | None:
        """The estate as the hub declares it; None while it is not declared whole."""
        objects: tuple[HubObject, ...] = self.hands.hub.declared()
        sites = {item.name for item in objects if item.kind == "Site"}
        if self.site not in sites:
            return None
        estate = estate_from(objects)
        return None if estate.missing() else estate

    def probe(self, estate: Estate) -> None:
        """Probe every other site and every database host once, side by side."""
        for site in estate.sites:
            if site.name != self.site:
                self._ask(site_target(site.name), partial(self.hands.probe.reachable, site))
        for host in database_hosts(estate):
            self._ask(host_target(host.id), partial(self.hands.databases.reachable, host))

    def tell(self) -> None:
        """Write this site's heartbeat Lease with what it sees. Raises UnavailableError."""
        asked = self._now()
        lease = Lease(
            name=PREFIX + self.site,
            holder=self.site,
            renewed=self._today(),
            duration_seconds=HEARTBEAT_SECONDS * 3,
            annotations={ANNOTATION: write_sights(self.lookout.sights())},
            version=self._version(),
        )
        try:
            self._mine = self.hands.leases.write(lease)
        except RefusedError:  # written by a predecessor, or by a second operator at this site
            self._mine = None
            self.read()
            return
        self._told = asked

    def read(self) -> tuple[Lease, ...]:
        """Read what every site told. Raises UnavailableError."""
        self.leases = self.hands.leases.leases()
        self.heartbeats.note(self.leases, now=self._now())
        return self.leases

    def observe(self, database: Database) -> DatabaseSeen:
        """Look at one database. Raises UnavailableError."""
        seen = self.hands.databases.observe(database)
        self._databases[database.name] = (self._now(), seen)
        return seen

    def count(self, estate: Estate) -> tuple[WorkloadSeen, ...]:
        """Count replicas at every site that answers; what does not answer is not counted."""
        found: list[WorkloadSeen] = []
        for site in (each.name for each in estate.sites):
            here = estate.served_at(site)
            if not self.reaches(site):
                continue
            try:
                found += self.hands.workloads.survey(here, site=site)
            except HospitalError:
                continue
        self._workloads = tuple(found)
        return self._workloads

    def reaches(self, site: str) -> bool:
        """Whether the last probe of a site was answered; one's own site always."""
        sight = self.lookout.sights().get(site_target(site))
        return site == self.site or sight is None or sight.reachable

    def hurried(self) -> bool:
        """Whether something began or ceased to answer a moment ago."""
        at = self._changed_at
        return at is not None and self._now() - at < HURRY_SECONDS

    def quorum(self) -> bool:
        """Whether the hub took a write of ours lately."""
        return self._told is not None and self._now() - self._told <= QUORUM_SECONDS

    def primaries(self, estate: Estate) -> tuple[str, ...]:
        """Host ids that lead a database which a plan moves, as last believed.

        The loss of any other moves nothing, so nobody need stand back for it.
        """
        moved = {plan.database for plan in estate.plans}
        believed = [seen for seen in self._believed() if seen.database in moved]
        return tuple(seen.leader for seen in believed if seen.leader)

    def seen(self, estate: Estate) -> Seen:
        """Everything that is known here now."""
        sources = Sources(
            site=self.site,
            quorum=self.quorum(),
            sights=self.lookout.sights(),
            databases=self._believed(),
            workloads=self._workloads,
        )
        return gather(
            estate,
            sources=sources,
            leases=self.leases,
            heartbeats=self.heartbeats,
            now=self._now(),
        )

    def _version(self) -> str:
        if self._mine is not None:
            return self._mine.version
        name = PREFIX + self.site
        return next((each.version for each in self.leases if each.name == name), "")

    def _believed(self) -> tuple[DatabaseSeen, ...]:
        oldest = self._now() - BELIEVED_SECONDS
        return tuple(seen for at, seen in list(self._databases.values()) if at >= oldest)

    def _ask(self, target: str, probe: Callable[[], bool]) -> None:
        def ask() -> None:
            try:
                answered = probe()
            except UnavailableError:
                answered = False
            if self.lookout.note(target, reachable=answered, now=self._now()):
                self._changed_at = self._now()
                self.changed.set()

        if self._crew is None:
            ask()
            return
        flying = self._probing.get(target)
        if flying is None or flying.done():
            self._probing[target] = self._crew.submit(ask)


def site_of(estate: Estate, hosts: Iterable[str]) -> frozenset[str]:
    """The sites of hosts."""
    return frozenset(estate.host(name).site for name in hosts)
