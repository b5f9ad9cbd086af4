"""A site is lost, in memory: the declaration, decisions and hands of the real thing, played.

The operators' own watch (``providers/watch.py``), judgement (``hospital/judgement.py``) and
conductor (``providers/conductor.py``) run on ``providers/memory.py`` under a clock that moves
when told, with rates that were measured on a real lab. What is played here is the world, never
a decision. It must always be called a simulation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hospital.errors import HospitalError, UnavailableError
from hospital.estate import Estate, Workload
from hospital.judgement import propose
from hospital.report import Call, Client, Observed, Story
from hospital.story import Action, Seen, StepKind
from providers.conductor import TERMINAL, AtOnce, Conductor, Word
from providers.memory import PlayedClock, SiteHands, World
from providers.watch import Watch, site_of

QUIET_SECONDS = 5.0  # everything runs before the loss
LIMIT_SECONDS = 300.0  # a story that has not ended by then never will
TURN_SECONDS = 0.1
TELL_TURNS, PROBE_TURNS = 5, 2  # heartbeats and probes: every so many turns

SIMULATED = (
    ("全部：站点、数据库、集群、网络和时钟都在内存中推演", "everything: sites, databases, "
     "clusters, network and clock are played in memory"),
)  # fmt: skip


@dataclass(slots=True)
class _Seat:
    """An operator at one site."""

    site: str
    hands: SiteHands
    watch: Watch
    conductor: Conductor


@dataclass(slots=True)
class Play:
    """One estate, the site it loses, and what clients and operators went through."""

    estate: Estate
    lost: str
    words: list[tuple[float, Word]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    rows: dict[int, tuple[str, str]] = field(default_factory=dict)  # row → workload, key
    burnt_at: float = 0.0

    def run(self) -> Observed:
        """Play to the end; what was observed, as from a lab."""
        clock = PlayedClock()
        world = World(self.estate, clock=clock)
        seats = [self._seat(world, site.name) for site in self.estate.sites]
        while clock.now() < QUIET_SECONDS:
            self._turn(world, seats)
        world.lose(self.lost)
        self.burnt_at = clock.now()
        settled = 0.0
        while clock.now() < self.burnt_at + LIMIT_SECONDS and settled < QUIET_SECONDS:
            before = clock.now()
            self._turn(world, seats)
            settled = settled + clock.now() - before if self._over(world) else 0.0
        return self._observed(world)

    def _seat(self, world: World, site: str) -> _Seat:
        hands, now = SiteHands(world, site), world.clock.now
        watch = Watch(site, hands=hands, now=now, today=now)

        def look() -> tuple[Estate, Seen]:
            return self.estate, watch.seen(self.estate)

        def say(word: Word) -> None:
            self.words.append((now() - self.burnt_at, word))

        conductor = Conductor(
            site=site, hands=hands, now=now, look=look, crew=AtOnce(), say=say
        )  # fmt: skip
        return _Seat(site, hands, watch, conductor)

    def _turn(self, world: World, seats: list[_Seat]) -> None:
        """Clients ask, every operator looks, one of them leads; then time passes."""
        turn = round(world.clock.now() / TURN_SECONDS)
        began = world.clock.now()
        for workload in self.estate.workloads:
            self._ask(world, workload)
        alive = [seat for seat in seats if world.up(seat.site)]
        for seat in alive:
            _watch(self.estate, seat, turn)
        leader = self._leader(alive)
        if leader is not None:
            self._lead(world, leader)
        world.clock.sleep(max(TURN_SECONDS - (world.clock.now() - began), 0.01))
        world.happen()

    def _leader(self, alive: list[_Seat]) -> _Seat | None:
        """The first that is no site of a primary: losing that site must not lose the leader too."""
        for seat in alive:
            if seat.site not in site_of(self.estate, seat.watch.primaries(self.estate)):
                return seat
        return next(iter(alive), None)

    def _lead(self, world: World, seat: _Seat) -> None:
        try:
            seen = seat.watch.seen(self.estate)
            hub, now = seat.hands.hub, world.clock.now()
            by = f"operator/{seat.site}"
            active = hub.active_sites()
            action = propose(self.estate, active, seen, hub.actions(), now, by=by)
            if action is not None:
                hub.create_action(action)
            for known in hub.actions():
                if known.phase not in TERMINAL:
                    seat.conductor.turn(known.name)
        except UnavailableError:
            return  # the hub elects, or has lost its majority: the next turn tries again

    def _ask(self, world: World, workload: Workload) -> None:
        """One write at the desk: by name, over the site's ingress, into the database."""
        now, number = world.clock.now(), len(self.calls)
        site = self._answering_site(world, workload)
        row = None
        if site and world.answering(workload.name, site=site):
            row = world.write(workload.database, site=site)
        if row is not None:
            self.rows[row] = (workload.name, str(number))
        self.calls.append(
            Call(workload.name, str(number), now, now, row is not None, site if row else "")
        )

    def _answering_site(self, world: World, workload: Workload) -> str:
        name = self.estate.host_name(workload.name)
        servers = [site.name for site in self.estate.sites if world.up(site.name)]
        address = world.answers.get((servers[0], name), "") if servers else ""
        ingresses = {site.endpoints.ingress: site.name for site in self.estate.sites}
        site = ingresses.get(address, "")
        return site if site and world.up(site) else ""

    def _over(self, world: World) -> bool:
        actions = [action for _, action in world.hub.actions.values()]
        served = all(call.acknowledged for call in self.calls[-len(self.estate.workloads) :])
        return served and all(action.phase in TERMINAL for action in actions)

    def _observed(self, world: World) -> Observed:
        absent: dict[str, set[str]] = {}
        for database in self.estate.databases:
            for row in world.lost_writes(database.name):
                workload, key = self.rows[row]
                absent.setdefault(workload, set()).add(key)
        actions: tuple[Action, ...] = tuple(
            action for _, (_, action) in sorted(world.hub.actions.items())
        )
        story = Story(
            id="loss",
            title_zh=f"失去站点 {self.lost}（推演）",
            title_en=f"{self.lost} is lost (simulation)",
            began=self.burnt_at,
            until=world.clock.now(),
            actions=actions,
            lost_site=self.lost,
        )
        return Observed(
            kind="simulation",
            estate=self.estate,
            made_at=world.clock.now(),
            stories=(story,),
            clients=(Client("desk", "", tuple(self.calls)),),
            absent={workload: frozenset(keys) for workload, keys in absent.items()},
            evidence_records=len(world.hub.evidence),
            simulated=SIMULATED,
        )


def order(story: Mapping[str, Any]) -> tuple[str, ...]:
    """The steps of a reported story as ``<kind>/<subject> at <site>``, in the order of the plan.

    What a simulation decides must be what a lab does: the demo compares the two at every run.
    """
    return tuple(
        f"{step['kind']}/{step['subject']} at {step['site']}"
        for step in story["steps"]
        if step["kind"] != StepKind.EVIDENCE  # named after the action
    )


def _watch(estate: Estate, seat: _Seat, turn: int) -> None:
    try:
        if turn % PROBE_TURNS == 0:
            seat.watch.probe(estate)
        if turn % TELL_TURNS == 0 or seat.watch.changed.is_set():
            seat.watch.changed.clear()
            seat.watch.tell()
        seat.watch.read()
        for database in estate.databases:
            seat.watch.observe(database)
        seat.watch.count(estate)
    except HospitalError:
        return  # what cannot be seen is not seen
