"""One step of a migration, carried out over the ports: what each ``Act`` means in the world.

As in ``hands.py``: nothing here waits for long but the copies, every step may be performed twice
after a crash at any point, and nothing is decided. An end is opened only by a step that the core
let through, and the ports refuse it once more while the other end is open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hospital.custody import recovering
from hospital.errors import RefusedError, UnavailableError, UnsafeError
from hospital.estate import Database, Estate, Host, Workload
from hospital.move import Act, Method, Migration
from hospital.rehearsal import Comparison
from hospital.stream import Carried, Filled, Move, Progress
from hospital.testimony import of_migration
from providers.hands import Hands, Outcome
from providers.migration_ports import StreamHands, Tell

_POSITION = re.compile(r"\b[0-9A-F]+/[0-9A-F]+\b")


class Checked(Protocol):
    """How one precheck ended (``hospital/precheck.py``)."""

    @property
    def id(self) -> str:
        """Of the precheck."""

    @property
    def blocks(self) -> bool:
        """Whether the migration waits for it."""

    def plain(self) -> dict[str, Any]:
        """JSON-compatible data."""


class Trials(Protocol):
    """Rehearsals (``providers/rehearsing.py``)."""

    def capture(self, estate: Estate, migration: Migration) -> None:
        """Record reads at the source, before the clone is filled."""

    def compare(self, estate: Estate, migration: Migration) -> Comparison:
        """Play the load at both ends and compare."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What a migration needs besides the hands of a recovery."""

    streams: StreamHands
    trials: Trials
    prospect: Callable[[Estate, Migration], tuple[Checked, ...]]  # runs every precheck
    frozen: Callable[[Estate, float], str]  # the freeze window open at a time (epoch); "" for none


@dataclass(frozen=True, slots=True)
class ActResult:
    """The outcome of one performance, with what it found."""

    outcome: Outcome
    detail: str
    checks: tuple[Checked, ...] | None = None
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """What a step acts on."""

    migration: Migration
    estate: Estate
    hands: Hands
    kit: Kit
    now: float  # epoch seconds
    tell: Tell  # how far a copy is

    @property
    def move(self) -> Move:
        """The two databases of a logical migration."""
        return move_of(self.estate, self.migration)

    @property
    def workload(self) -> Workload:
        """What moves."""
        return self.estate.workload(self.migration.workload)

    @property
    def trial(self) -> Workload:
        """Its rehearsal at the target."""
        return trial_of(self.estate, self.migration)

    @property
    def database(self) -> Database:
        """The workload's own cluster."""
        return self.estate.database(self.workload.database)


def move_of(estate: Estate, migration: Migration) -> Move:
    """The two databases of a logical migration; the workload's has the same name at both ends."""
    workload = estate.workload(migration.workload)
    return Move(migration.name, workload.account, workload.database, migration.database)


def trial_of(estate: Estate, migration: Migration) -> Workload:
    """The rehearsal of a migration's workload at its target, as the declaration prepares it."""
    for each in estate.rehearsals:
        if (each.rehearses, each.home) == (migration.workload, migration.target):
            return each
    raise RefusedError(migration.target, f"no rehearsal of {migration.workload} is declared there")


def member_at(estate: Estate, database: Database, site: str) -> Host | None:
    """The member of a cluster at a site."""
    hosts = (estate.host(name) for name in database.members)
    return next((host for host in hosts if host.site == site), None)


def carry_out(act: Act, stage: Stage) -> ActResult:
    """Perform ``act`` once.

    Never raises UnavailableError, RefusedError or UnsafeError: each becomes an outcome with its
    reason. An end that does not answer is IMPOSSIBLE too, since the core knows whether its step may
    then be left out; what may not is tried again.
    """
    try:
        return _PERFORMERS[act](stage)
    except UnsafeError as error:
        return ActResult(Outcome.IMPOSSIBLE, f"{error} ({error.remedy})")
    except (UnavailableError, RefusedError) as error:
        return ActResult(Outcome.IMPOSSIBLE, str(error))


def _done(detail: str = "") -> ActResult:
    return ActResult(Outcome.DONE, detail)


def _pending(detail: str) -> ActResult:
    return ActResult(Outcome.PENDING, detail)


# Before the cutover -------------------------------------------------------------------------


def _check(stage: Stage) -> ActResult:
    results = stage.kit.prospect(stage.estate, stage.migration)
    failing = [each.id for each in results if each.blocks]
    told = f"{len(results)} prechecks, {len(failing)} in the way"
    return ActResult(Outcome.DONE, told, checks=results)


def _prepare(stage: Stage) -> ActResult:
    """A copy that no stream can go on from is thrown away first."""
    seen = stage.kit.streams.observe(stage.move)
    filled = seen.filled not in (None, Filled.NOTHING, Filled.PREPARED)
    if filled and seen.source.reachable and (seen.slot is None or seen.slot.status == "lost"):
        stage.kit.streams.teardown(stage.move, content=True)
    stage.kit.streams.prepare(stage.move)
    return _done(f"schema of {stage.move.database} at {stage.move.target}")


def _copy(stage: Stage) -> ActResult:
    last = [Progress(0, 0)]

    def tell(progress: Progress) -> None:
        last[0] = progress
        stage.tell(progress)

    bounds = stage.migration.bounds
    stage.kit.streams.copy(
        stage.move, tell,
        throttle=bounds.throttle_bytes_per_second, slowdown_percent=bounds.slowdown_percent,
    )  # fmt: skip
    return _done(f"{last[0].total_bytes >> 20} MiB copied")


def _build(stage: Stage) -> ActResult:
    stage.kit.streams.build(stage.move)
    return _done("indexes and constraints stand")


def _subscribe(stage: Stage) -> ActResult:
    stage.kit.streams.subscribe(stage.move)
    return _done(f"{stage.move.target} follows {stage.move.source}")


def _clone(stage: Stage) -> ActResult:
    stage.kit.trials.capture(stage.estate, stage.migration)
    stage.kit.streams.clone(stage.move, stage.tell)
    return _done(f"{stage.move.rehearsal} at {stage.move.target}")


def _start_trial(stage: Stage) -> ActResult:
    trial, site = stage.trial, stage.migration.target
    stage.hands.workloads.scale(trial, site=site, replicas=trial.replicas)
    ready = stage.hands.workloads.observe(trial, site=site).ready
    told = f"{ready} of {trial.replicas} ready at {site}"
    return _done(told) if ready >= trial.replicas else _pending(told)


def _compare(stage: Stage) -> ActResult:
    found = stage.kit.trials.compare(stage.estate, stage.migration)
    return ActResult(Outcome.DONE, found.summary, comparison=found)


def _end_trial(stage: Stage) -> ActResult:
    stage.hands.workloads.scale(stage.trial, site=stage.migration.target, replicas=0)
    stage.kit.streams.drop_clone(stage.move)
    return _done("nothing of the rehearsal is left")


# Cutover and the way back -------------------------------------------------------------------


def _warm(stage: Stage) -> ActResult:
    """Everything that could be slow is there before anybody's writes pause."""
    if stage.migration.method is Method.LOGICAL:
        stage.kit.streams.provide(stage.move)
    return _started(stage, stage.migration.target)


def _warm_back(stage: Stage) -> ActResult:
    return _started(stage, stage.migration.source)


def _started(stage: Stage, site: str) -> ActResult:
    """All replicas run; those of a logical move wait for a database that is closed still."""
    workload, workloads = stage.workload, stage.hands.workloads
    seen = workloads.observe(workload, site=site)
    if seen.replicas < workload.replicas:
        workloads.scale(workload, site=site, replicas=workload.replicas)
    if stage.migration.method is Method.PHYSICAL:
        count, word = seen.ready, "ready"
    else:
        count, word = workloads.running(workload, site=site), "running"
    told = f"{count} of {workload.replicas} {word} at {site}"
    return _done(told) if count >= workload.replicas else _pending(told)


def _fence(stage: Stage) -> ActResult:
    """Looks once more whether a recovery began: it reads migrations after it was asked for, and we
    read actions after our intent is in the hub, so one of the two sees the other (M7).
    """
    other = recovering(stage.estate, stage.migration, stage.hands.hub.actions())
    if other:
        return _pending(f"{other} is under way")
    return _closed(stage, stage.move.source)


def _fence_back(stage: Stage) -> ActResult:
    return _closed(stage, stage.move.target)


def _closed(stage: Stage, end: str) -> ActResult:
    position = stage.kit.streams.fence(stage.move, end)
    return _done(f"{end} is closed at {position}")


def _hand_over(stage: Stage) -> ActResult:
    if stage.migration.method is Method.PHYSICAL:
        return _switched(stage, stage.migration.target)
    streams, move = stage.kit.streams, stage.move
    if streams.turned(move):
        streams.reverse(move)  # it was begun before: what is missing of it
        return _done(f"{move.target} feeds {move.source}")
    position = _fenced_at(stage, Act.FENCE, move.source)
    if not streams.drain(move, position):
        return _pending(f"{move.target} does not hold {position} yet")
    carried = streams.carry(move)
    streams.reverse(move)
    return _done(f"{move.target} holds {position}; {_carried(carried)}")


def _hand_back(stage: Stage) -> ActResult:
    if stage.migration.method is Method.PHYSICAL:
        return _switched(stage, stage.migration.source)
    streams, move = stage.kit.streams, stage.move
    position = _fenced_at(stage, Act.FENCE_BACK, move.target)
    streams.follow(move)
    if not streams.drain(move.reversed(), position):
        return _pending(f"{move.source} does not hold {position} yet")
    carried = streams.carry(move.reversed())
    streams.revert(move)
    return _done(f"{move.source} holds {position}; {_carried(carried)}")


def _fenced_at(stage: Stage, act: Act, end: str) -> str:
    """The position that the fence told; told again where its record does not say it."""
    told = next((each.detail for each in stage.migration.records if each.id == act), "")
    found = _POSITION.search(told)
    return found[0] if found else stage.kit.streams.fence(stage.move, end)


def _switched(stage: Stage, site: str) -> ActResult:
    """Patroni's planned switchover, with its token."""
    member = member_at(stage.estate, stage.database, site)
    if member is None:
        return _done(f"{stage.database.name} has no member at {site}: its primary stays")
    token = stage.hands.databases.switchover(stage.database, target=member)
    return _done(f"{member.id} took over at timeline {token.timeline}, {token.lsn}")


def _carried(carried: Carried) -> str:
    parts = (
        (len(carried.sequences), "sequences"),
        (carried.large_objects, "large objects"),
        (len(carried.unlogged_tables), "unlogged tables"),
        (len(carried.materialized_views), "materialized views"),
    )
    told = ", ".join(f"{count} {name}" for count, name in parts if count)
    return f"carried {told}" if told else "nothing to carry by hand"


def _open(stage: Stage) -> ActResult:
    """The source was seen closed, or its fence is firm and it does not answer."""
    stage.kit.streams.open(stage.move, stage.move.target, alone=True)
    return _done(f"{stage.move.target} accepts writes")


def _open_back(stage: Stage) -> ActResult:
    stage.kit.streams.open(stage.move, stage.move.source, alone=True)
    return _done(f"{stage.move.source} accepts writes")


def _follow(stage: Stage) -> ActResult:
    stage.kit.streams.follow(stage.move)
    return _done(f"{stage.move.source} follows {stage.move.target}")


def _name(stage: Stage) -> ActResult:
    return _pointed(stage, stage.migration.target)


def _name_back(stage: Stage) -> ActResult:
    return _pointed(stage, stage.migration.source)


def _pointed(stage: Stage, site: str) -> ActResult:
    estate = stage.estate
    taken = stage.hands.names.point(
        estate.host_name(stage.workload.name),
        address=estate.site(site).endpoints.ingress,
        servers=[each.endpoints.dns for each in estate.sites if each.endpoints.dns],
    )
    stage.hands.hub.set_active(subject=stage.workload.name, site=site)
    return _done(f"answers {site} at {', '.join(taken)}")


def _stop(stage: Stage) -> ActResult:
    return _stopped(stage, stage.migration.source)


def _stop_back(stage: Stage) -> ActResult:
    return _stopped(stage, stage.migration.target)


def _stopped(stage: Stage, site: str) -> ActResult:
    stage.hands.workloads.scale(stage.workload, site=site, replicas=0)
    return _done(f"no replicas at {site}")


# How it ends --------------------------------------------------------------------------------


def _retire(stage: Stage) -> ActResult:
    """The way back goes; the source's rows stay until the declaration lets them go."""
    return _torn_down(stage, content=False)


def _tear_down(stage: Stage) -> ActResult:
    """Stream and copy go. A target that was given up and answers again is closed first."""
    if any(each.id == Act.OPEN for each in stage.migration.records):
        stage.kit.streams.fence(stage.move, stage.move.target)
    return _torn_down(stage, content=True)


def _torn_down(stage: Stage, *, content: bool) -> ActResult:
    gone = stage.kit.streams.teardown(stage.move, content=content)
    if gone.unreached:
        raise UnavailableError(gone.unreached[0], "does not answer; something of ours may be there")
    return _done(f"removed {', '.join(gone.removed) or 'nothing'}")


def _evidence(stage: Stage) -> ActResult:
    number = stage.hands.evidence.append(of_migration(stage.migration, now=stage.now))
    return _done(f"evidence {number}")


_PERFORMERS: Mapping[Act, Callable[[Stage], ActResult]] = {
    Act.CHECK: _check,
    Act.PREPARE: _prepare,
    Act.COPY: _copy,
    Act.BUILD: _build,
    Act.SUBSCRIBE: _subscribe,
    Act.CLONE: _clone,
    Act.START_TRIAL: _start_trial,
    Act.COMPARE: _compare,
    Act.END_TRIAL: _end_trial,
    Act.WARM: _warm,
    Act.FENCE: _fence,
    Act.HAND_OVER: _hand_over,
    Act.NAME: _name,
    Act.OPEN: _open,
    Act.FOLLOW: _follow,
    Act.STOP: _stop,
    Act.RETIRE: _retire,
    Act.WARM_BACK: _warm_back,
    Act.FENCE_BACK: _fence_back,
    Act.HAND_BACK: _hand_back,
    Act.NAME_BACK: _name_back,
    Act.OPEN_BACK: _open_back,
    Act.STOP_BACK: _stop_back,
    Act.TEAR_DOWN: _tear_down,
    Act.EVIDENCE: _evidence,
}
