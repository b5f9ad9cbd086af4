"""A desk over a hub in memory, and an operator that takes every step at once.

What the operator decides is the core's own ``advance``; only the hands are absent: a step that is
taken is done. So the commands meet every phase as the hub would show it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from console.desk import Desk
from hospital.estate import (
    Architecture,
    Database,
    DeclaredMigration,
    Estate,
    Host,
    HostRole,
    Replication,
)
from hospital.itinerary import SETTLED, begun
from hospital.migration import advance
from hospital.move import Act, Method, Migration, MoveSeen, Rehearsal, Stream
from hospital.prechecks.facts import Facts
from hospital.rehearsal import CURVE, Comparison, Sample, compare_endpoint, compare_rows
from hospital.story import StepState
from providers.access import Access
from providers.kubernetes import Object
from providers.memory import MemoryHub, SiteHands, World
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"


@cache
def estate() -> Estate:
    """The lab's, with a database at the ARM campus and a declared move of HIS to it."""
    found = read_estate(LAB)
    if found.migrations:
        return found
    arm = found.site("campus-arm")
    host = Host("db-1", arm.name, "10.2.0.11", Architecture.ARM64, (HostRole.DATABASE,))
    database = Database(
        "hospital-db-arm", "db-postgresql", "18", Replication.ASYNCHRONOUS, (host.id,)
    )
    return replace(
        found,
        sites=tuple(
            replace(site, hosts=(*site.hosts, host)) if site is arm else site
            for site in found.sites
        ),
        databases=(*found.databases, database),
        migrations=(DeclaredMigration("his", "campus-arm", "hospital-db-arm"),),
    )


@dataclass
class Operator:
    """Takes each migration as far as it goes, one turn for each look of the console."""

    estate: Estate
    hub: MemoryHub
    failing: tuple[str, ...] = ()
    lag: float = 0.1
    passes: bool = True
    now: float = field(default_factory=time.time)
    checks: tuple[dict[str, object], ...] = ()
    turns: int = field(default=0)

    def turn(self) -> None:
        """One turn."""
        self.turns += 1
        self.now += 1.0
        for migration in self.hub.migrations():
            course = advance(self.estate, migration, self._seen(migration), self.now)
            after = course.migration
            for act in course.take:
                after = self._taken(after, act)
            seen = self._seen(migration)
            comparison = comparison_of(after) if Act.COMPARE in course.take else None
            self.hub.record_migration(
                after, seen=seen, checks=self.checks or None, comparison=comparison
            )

    def _taken(self, migration: Migration, act: Act) -> Migration:
        records = tuple(
            replace(each, state=StepState.DONE, ended=self.now + 0.5, by="operator/cloud")
            if each.id == act
            else each
            for each in migration.records
        )
        after = replace(migration, records=records)
        if act is Act.CHECK:
            return replace(after, failing=self.failing)
        if act is Act.COMPARE:
            return replace(after, rehearsal=Rehearsal(self.passes, self.now, "600 rows compared"))
        return after

    def _seen(self, migration: Migration) -> MoveSeen:
        done = {each.id for each in migration.records if each.state in SETTLED}
        there = Act.OPEN in done and Act.FENCE_BACK not in done
        here = not begun(migration.records, Act.FENCE) or Act.OPEN_BACK in done
        if migration.method is Method.PHYSICAL:
            there = Act.HAND_OVER in done and Act.HAND_BACK not in done
            here = not there
        return MoveSeen(
            quorum=True,
            source_open=here,
            target_open=there,
            stream=Stream.FLOWING,
            lag_seconds=self.lag,
        )


def comparison_of(migration: Migration) -> Comparison:
    """What a rehearsal of some requests found."""
    source = [Sample("GET /orders", 0.004 + each / 10000) for each in range(100)]
    target = [Sample("GET /orders", 0.009 + each / 5000) for each in range(100)]
    rows = {str(number): "a" for number in range(600)}
    assert CURVE
    return Comparison(
        migration=migration.name,
        workload=migration.workload,
        source=migration.source,
        target=migration.target,
        method=migration.method.value,
        at=1_795_000_000.0,
        seconds=30.0,
        application=True,
        endpoints=(
            compare_endpoint("GET /orders", source=source, target=target),
            compare_endpoint("POST /orders", source=[], target=target),
        ),
        rows=(compare_rows("orders", first=rows, second=rows, target=rows, around=True),),
        notes=("object storage is not compared",),
    )


@dataclass(frozen=True)
class MemoryDesk(Desk):
    """A desk whose hub is in memory; at every look, the operator takes a turn first."""

    world: World
    before: Callable[[], None]

    def hub(self) -> MemoryHub:  # type: ignore[override] - the port is what counts
        """The hub, after the operators' turn."""
        self.before()
        return SiteHands(self.world, "cloud").hub

    def declared(self) -> Estate:
        """What the operators act on."""
        return self.world.estate

    def facts(self, estate: Estate, migration: Migration) -> Facts:
        """What the declaration says; nothing else answers here."""
        return Facts(
            estate=estate,
            workload=estate.workload(migration.workload),
            source_site=migration.source,
            target_site=migration.target,
            method=migration.method,
            now=migration.requested_at,
            target_database=migration.database,
            migrations=(),
            recovery_actions=(),
        )

    def nodes(self, site: str) -> tuple[Object, ...]:
        """One real node, emulated at the ARM campus."""
        labels = {"xinglin.dev/emulated": "true"} if site == "campus-arm" else {}
        return ({"metadata": {"name": f"{site}-1", "labels": labels}},)


def desk_and_operator(found: Estate | None = None) -> tuple[MemoryDesk, Operator]:
    """A fresh world with its operator."""
    found = found or estate()
    world = World(found)
    operator = Operator(found, SiteHands(world, "cloud").hub)
    return MemoryDesk(found, Access(LAB.parent), world, operator.turn), operator
