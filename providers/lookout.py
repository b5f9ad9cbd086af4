"""What one site sees of the others, and what all sites together have seen.

Every operator probes sites and database hosts and tells what it saw in the annotation of its own
heartbeat Lease; the leader reads all Leases and judges. Two things must never happen: that a
starved or cut-off observer's old words count as sight (a Lease that no longer changes is not
heard), and that clocks of different sites are compared (an age is measured by the reader's own
clock, from when it first read that version).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hospital.detection import HOST_SILENCE_SECONDS
from hospital.estate import Estate, Host, HostRole
from hospital.story import DatabaseSeen, HostSeen, Seen, SiteSeen, WorkloadSeen
from providers.ports import Lease

ANNOTATION = "xinglin.dev/seen"
PREFIX = "site-"
HEARD_SECONDS = 1.5  # an observer whose Lease is older is not heard


@dataclass(frozen=True, slots=True)
class Sight:
    """One target as one observer saw it last."""

    reachable: bool
    silent_seconds: float  # from the last answer to the end of the last probe, 0 if it answered


@dataclass(slots=True)
class _Target:
    answered: float
    probed: float
    reachable: bool = True


class Lookout:
    """What the probes at one site found. Safe to use from several threads."""

    def __init__(self) -> None:
        self._targets: dict[str, _Target] = {}
        self._lock = threading.Lock()

    def note(self, target: str, *, reachable: bool, now: float) -> bool:
        """A probe of ``target`` ended; whether others must hear of it at once.

        They must when it begins or ceases to answer, and when its silence has grown so long that
        a host counts as lost. Silence is counted from the last answer; a target that never
        answered counts from its first probe.
        """
        with self._lock:
            known = self._targets.setdefault(target, _Target(answered=now, probed=now))
            before, was_reachable = known.probed - known.answered, known.reachable
            known.reachable, known.probed = reachable, now
            if reachable:
                known.answered = now
            crossed = before < HOST_SILENCE_SECONDS <= now - known.answered
            return was_reachable != reachable or crossed

    def sights(self) -> dict[str, Sight]:
        """Target → what was last seen of it."""
        with self._lock:
            return {
                name: Sight(seen.reachable, round(max(0.0, seen.probed - seen.answered), 3))
                for name, seen in self._targets.items()
            }


class Heartbeats:
    """How old every Lease is, by the reader's own clock."""

    def __init__(self, *, started: float) -> None:
        self._started = started
        self._read: dict[str, tuple[str, float]] = {}

    def note(self, leases: Iterable[Lease], *, now: float) -> None:
        """Leases as read now."""
        for lease in leases:
            if self._read.get(lease.name, ("", 0.0))[0] != lease.version:
                self._read[lease.name] = (lease.version, now)

    def known(self) -> tuple[str, ...]:
        """Names of all Leases ever read."""
        return tuple(self._read)

    def age(self, name: str, *, now: float) -> float:
        """Seconds since Lease ``name`` last changed; since the reader started if it never did."""
        return max(0.0, now - self._read.get(name, ("", self._started))[1])


@dataclass(frozen=True, slots=True)
class Sources:
    """What the deciding operator knows first-hand."""

    site: str  # its own
    quorum: bool
    sights: Mapping[str, Sight]  # its own, newer than what its Lease says
    databases: tuple[DatabaseSeen, ...] = ()
    workloads: tuple[WorkloadSeen, ...] = ()
    names: tuple[tuple[str, str], ...] = ()


def write_sights(sights: Mapping[str, Sight]) -> str:
    """Sights as the annotation keeps them."""
    plain = {name: [seen.reachable, seen.silent_seconds] for name, seen in sights.items()}
    return json.dumps(plain, separators=(",", ":"), sort_keys=True)


def read_sights(text: str) -> dict[str, Sight]:
    """The inverse of ``write_sights``; nothing is seen where the text is not one of ours."""
    try:
        plain = json.loads(text or "{}")
        return {name: Sight(bool(flag), float(silent)) for name, (flag, silent) in plain.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def site_target(site: str) -> str:
    """The name under which a site is probed."""
    return f"site/{site}"


def host_target(host: str) -> str:
    """The name under which a database host is probed."""
    return f"host/{host}"


def database_hosts(estate: Estate) -> tuple[Host, ...]:
    """Every host that may hold a primary."""
    return tuple(
        host for site in estate.sites for host in site.hosts if HostRole.DATABASE in host.roles
    )


def gather(
    estate: Estate,
    *,
    sources: Sources,
    leases: Iterable[Lease],
    heartbeats: Heartbeats,
    now: float,
) -> Seen:
    """Everything that the deciding operator knows: its own sights and those it still hears."""
    views = {sources.site: dict(sources.sights)}
    for lease in leases:
        observer = lease.name.removeprefix(PREFIX)
        if not lease.name.startswith(PREFIX) or observer == sources.site:
            continue
        if heartbeats.age(lease.name, now=now) <= HEARD_SECONDS:
            views[observer] = read_sights(lease.annotations.get(ANNOTATION, ""))
    return Seen(
        quorum=sources.quorum,
        sites=_sites(estate, views, heartbeats, now),
        hosts=_hosts(estate, views),
        databases=sources.databases,
        workloads=sources.workloads,
        names=sources.names,
    )


def _sites(
    estate: Estate, views: Mapping[str, Mapping[str, Sight]], heartbeats: Heartbeats, now: float
) -> tuple[SiteSeen, ...]:
    found = []
    for site in estate.sites:
        silent = heartbeats.age(PREFIX + site.name, now=now)
        for observer, sights in sorted(views.items()):
            sight = sights.get(site_target(site.name))
            if sight and observer != site.name:
                found.append(SiteSeen(site.name, observer, sight.reachable, silent))
    return tuple(found)


def _hosts(estate: Estate, views: Mapping[str, Mapping[str, Sight]]) -> tuple[HostSeen, ...]:
    return tuple(
        HostSeen(host.id, observer, sight.reachable, sight.silent_seconds)
        for host in database_hosts(estate)
        for observer, sights in sorted(views.items())
        if (sight := sights.get(host_target(host.id)))
    )
