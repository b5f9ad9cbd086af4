"""Both ends of a migration's database, asked for the prechecks: catalogues, hosts, the line.

The primary is found as the copy finds it, and its host is asked by the recovery's own command for
what PostgreSQL cannot tell. Reads only; a host that does not answer leaves its facts None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace

from hospital.errors import HospitalError
from hospital.estate import Estate, Host
from hospital.move import Method, Migration
from hospital.prechecks.database import DatabaseFacts
from providers import catalogue_facts
from providers.acts import member_at, move_of
from providers.line_sample import LineSample, sample
from providers.logical import LogicalHands
from providers.prospect import Ends
from providers.reception import Machine
from providers.sessions import Credentials, Door, Place


@dataclass(frozen=True, slots=True)
class DatabaseEnds:
    """The way into the databases of a move, as used from ``site``."""

    site: str
    streams: LogicalHands
    servers: Mapping[str, Place]
    onlooker: Credentials  # of the role that looks at a cluster which no declared migration touches
    machine: Callable[[Host], Machine]

    def __call__(self, estate: Estate, migration: Migration) -> Ends:
        """What source and target say of themselves."""
        with self._doors(estate, migration) as (source, target):
            there = None if target is None else self._facts(estate, target)
            return self._facts(estate, source), there

    def line(self, estate: Estate, migration: Migration) -> LineSample | None:
        """A short transfer; None where what we would measure is not what the move will use.

        The rows of a logical copy pass here, wherever that is. A standby streams from its primary
        by itself: from a third site nothing can be said of that.
        """
        here = self.site in (migration.source, migration.target)
        with self._doors(estate, migration) as (source, target):
            if target is None or not (here or migration.method is Method.LOGICAL):
                return None
            return sample(source, target)

    @contextmanager
    def _doors(self, estate: Estate, migration: Migration) -> Iterator[tuple[Door, Door | None]]:
        move = move_of(estate, migration)
        if migration.method is Method.LOGICAL:
            ends = (move.source, move.target)
            source, target = (self.streams.door(each, move.database) for each in ends)
            yield source, target
            return
        place = self.servers[move.source]
        follower = member_at(estate, estate.database(move.source), migration.target)
        with closing(Door(place, move.database, self.onlooker)) as primary:
            if follower is None:
                yield primary, None
                return
            there = Door(place.at(follower), move.database, self.onlooker, standby=True)
            with closing(there) as standby:
                yield primary, standby

    def _facts(self, estate: Estate, door: Door) -> DatabaseFacts:
        found = catalogue_facts.facts(door)
        try:
            host = _host(estate, door)
            return found if host is None else replace(found, **asdict(self.machine(host)))
        except HospitalError:
            return found


def _host(estate: Estate, door: Door) -> Host | None:
    """On which the server is that this door leads to."""
    with door.kept() as connection:
        address = connection.info.hostaddr
    hosts = (host for site in estate.sites for host in site.hosts)
    return next((host for host in hosts if host.address == address), None)
