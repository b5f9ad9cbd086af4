"""The steps of a story: a plan and an action compiled into a directed acyclic graph.

The graph is compiled again at every turn, by whichever operator leads, so it must come out the
same: what was chosen once (who moves, where to, which candidates) is read from the records that
the hub keeps, and only a story without records chooses. What must never happen: a step after
which another step of the same story could not be taken by the survivors (invariant I4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hospital.detection import database_seen, lost_hosts, lost_sites
from hospital.estate import Estate, RecoveryPlan, Workload
from hospital.placement import Load, loads_of, place
from hospital.story import Action, ActionKind, Seen, Step, StepKind

ESTIMATE_SECONDS: Mapping[StepKind, float] = {
    StepKind.FENCE: 0.3,
    StepKind.WITHDRAW: 0.1,
    StepKind.EXPIRE: 0.05,
    StepKind.CONSENSUS: 20.0,
    StepKind.HANDOVER: 2.4,
    StepKind.PRIMARY: 0.7,
    StepKind.START: 0.1,
    StepKind.READY: 2.2,
    StepKind.NAME: 0.05,
    StepKind.STOP: 0.1,
    StepKind.RESTORE: 0.1,
    StepKind.EVIDENCE: 0.1,
}
"""What each step took when it was measured in the lab, as an order of magnitude."""


@dataclass(frozen=True, slots=True)
class DatabaseMove:
    """The database part of a story."""

    name: str
    source: str  # host id of the old primary
    target: str  # host id
    candidates: tuple[str, ...]  # host ids that withdraw: all that may be promoted


@dataclass(frozen=True, slots=True)
class Moves:
    """What a story moves; ``workloads`` maps each to its new site, in the plan's order."""

    workloads: Mapping[str, str]
    leaving: Mapping[str, str]  # workload → the living site at which it must stop
    database: DatabaseMove | None
    unplaced: Mapping[str, str]  # workload → why no site may take it


def compile_steps(
    estate: Estate, plan: RecoveryPlan, action: Action, seen: Seen
) -> tuple[Step, ...]:
    """All steps of ``action``, each after its predecessors; empty if there is nothing to do."""
    moves = moves_of(estate, plan, action, seen)
    if action.kind is ActionKind.FAILOVER:
        database = _forced(estate, moves.database)
    else:
        database = _planned(estate, moves)
    steps = (*database, *_workload_steps(estate, action, moves))
    if not steps:
        return ()
    everything = frozenset(step.id for step in steps)
    return _ordered((*steps, _step(StepKind.EVIDENCE, action.name, "", everything)))


def moves_of(estate: Estate, plan: RecoveryPlan, action: Action, seen: Seen) -> Moves:
    """What the action moves: as recorded, or chosen now if nothing is recorded yet."""
    return (
        _recorded(estate, plan, action) if action.records else _chosen(estate, plan, action, seen)
    )


def _chosen(estate: Estate, plan: RecoveryPlan, action: Action, seen: Seen) -> Moves:
    active = dict(seen.active)
    lost = lost_sites(seen)
    wanted = _wanted_site(plan, action)
    placed: dict[str, str] = {}
    leaving: dict[str, str] = {}
    unplaced: dict[str, str] = {}
    loads = loads_of(estate, {name: site for name, site in active.items() if "/" not in name})
    for name in plan.workloads:
        workload = estate.workload(name)
        now_at = active.get(name, workload.home)
        if not _must_move(action, now_at, lost, _host_only(estate, plan, seen, lost)):
            continue
        site, why = _target(estate, workload, now_at, wanted, lost=lost, loads=loads, action=action)
        if not site:
            unplaced[name] = why
        elif site != now_at:
            placed[name] = site
            loads[site] = loads[site].plus(workload)
            if now_at not in lost:
                leaving[name] = now_at
    return Moves(placed, leaving, _database_move(estate, plan, action, seen, wanted), unplaced)


def _wanted_site(plan: RecoveryPlan, action: Action) -> str:
    if action.kind is ActionKind.FAILBACK:
        return plan.home
    if action.target or action.kind is ActionKind.FAILOVER:
        return action.target
    return plan.standbys[0]


def _must_move(action: Action, now_at: str, lost: frozenset[str], host_only: bool) -> bool:
    if action.kind is ActionKind.FAILOVER and (lost or host_only) and not action.target:
        return now_at in lost
    return True


def _host_only(estate: Estate, plan: RecoveryPlan, seen: Seen, lost: frozenset[str]) -> bool:
    """Whether only the primary's host is lost: then the workloads stay where they are."""
    primary = dict(seen.active).get(f"database/{plan.database}", "")
    return primary in lost_hosts(estate, seen) and estate.host(primary).site not in lost


def _target(
    estate: Estate,
    workload: Workload,
    now_at: str,
    wanted: str,
    *,
    lost: frozenset[str],
    loads: Mapping[str, Load],
    action: Action,
) -> tuple[str, str]:
    if action.kind is ActionKind.FAILBACK:
        wanted = workload.home
    if wanted == now_at and action.kind is not ActionKind.FAILOVER:
        return now_at, ""
    sites = [site for site in workload.sites if site != now_at]
    sites.sort(key=lambda site: site != wanted)
    gone = lost | {now_at} if now_at in lost else lost
    found = place(estate, workload, lost=gone, loads=loads, candidates=sites)
    return found.site, "; ".join(f"{each.site}: {each.detail_en}" for each in found.reasons)


def _database_move(
    estate: Estate, plan: RecoveryPlan, action: Action, seen: Seen, wanted: str
) -> DatabaseMove | None:
    if not plan.database:
        return None
    database = estate.database(plan.database)
    known = database_seen(seen, database.name)
    source = dict(seen.active).get(f"database/{database.name}", "") or (
        known.leader if known else database.members[0]
    )
    gone = lost_hosts(estate, seen)
    asked = action.kind is not ActionKind.FAILOVER or bool(action.target) or not gone
    if source not in gone and not asked:
        return None
    candidates = tuple(name for name in (known.synchronous if known else ()) if name != source)
    others = [name for name in database.members if name != source and name not in gone]
    if action.kind is not ActionKind.FAILOVER:
        others = [name for name in others if estate.host(name).site == wanted]
    others.sort(key=lambda name: (name not in candidates, estate.host(name).site != wanted))
    if not others:
        return None
    return DatabaseMove(database.name, source, others[0], candidates)


def _recorded(estate: Estate, plan: RecoveryPlan, action: Action) -> Moves:
    placed: dict[str, str] = {}
    leaving: dict[str, str] = {}
    candidates: list[str] = []
    source = target = ""
    for record in action.records:
        kind, _, subject = record.id.partition("/")
        if kind == StepKind.START:
            placed[subject] = record.site
        elif kind == StepKind.STOP:
            leaving[subject] = record.site
        elif kind == StepKind.WITHDRAW:
            candidates.append(subject)
        elif kind == StepKind.FENCE:
            source = subject
        elif kind == StepKind.PRIMARY:
            target = _member_at(estate, plan, record.site)
    database = None
    if target:
        members = estate.database(plan.database).members
        source = source or next((name for name in members if name != target), "")
        database = DatabaseMove(plan.database, source, target, tuple(candidates))
    return Moves(placed, leaving, database, {})


def _member_at(estate: Estate, plan: RecoveryPlan, site: str) -> str:
    members = estate.database(plan.database).members
    return next((name for name in members if estate.host(name).site == site), "")


def _forced(estate: Estate, move: DatabaseMove | None) -> tuple[Step, ...]:
    """Fence and withdraw side by side; whichever is verified first lets the lease expire."""
    if move is None:
        return ()
    old, target = estate.host(move.source), estate.host(move.target).site
    name = move.name
    first: list[Step] = []
    if old.bmc is not None:
        first.append(_step(StepKind.FENCE, old.id, old.site))
    for candidate in move.candidates:
        first.append(_step(StepKind.WITHDRAW, candidate, estate.host(candidate).site))
    if not move.candidates:
        first.append(_step(StepKind.CONSENSUS, name, target))
    expire = _step(StepKind.EXPIRE, name, target)
    primary = _step(StepKind.PRIMARY, name, target, {expire.id})
    restore = tuple(
        _step(StepKind.RESTORE, candidate, estate.host(candidate).site, {primary.id})
        for candidate in move.candidates
    )
    return (*first, expire, primary, *restore)


def _planned(estate: Estate, moves: Moves) -> tuple[Step, ...]:
    """Hand over only when the workloads stand ready at the target."""
    move = moves.database
    if move is None:
        return ()
    site = estate.host(move.target).site
    ready = frozenset(f"{StepKind.READY}/{name}" for name in moves.workloads)
    hand = _step(StepKind.HANDOVER, move.name, site, ready)
    return hand, _step(StepKind.PRIMARY, move.name, site, {hand.id})


def _workload_steps(estate: Estate, action: Action, moves: Moves) -> tuple[Step, ...]:
    steps: list[Step] = []
    primary = {f"{StepKind.PRIMARY}/{moves.database.name}"} if moves.database else set()
    forced = action.kind is ActionKind.FAILOVER
    for name, site in moves.workloads.items():
        moving = [need for need in estate.workload(name).depends_on if need in moves.workloads]
        start = _step(StepKind.START, name, site)
        before = {f"{StepKind.READY}/{need}" for need in moving} | (primary if forced else set())
        ready = _step(StepKind.READY, name, site, {start.id} | before)
        turn = {f"{StepKind.NAME}/{need}" for need in moving} | primary
        switch = _step(StepKind.NAME, name, site, {ready.id} | turn)
        steps += [start, ready, switch]
        if name in moves.leaving:
            steps.append(_step(StepKind.STOP, name, moves.leaving[name], {switch.id}))
    return tuple(steps)


def _step(kind: StepKind, subject: str, site: str, after: Iterable[str] = ()) -> Step:
    return Step(
        id=f"{kind.value}/{subject}",
        kind=kind,
        subject=subject,
        site=site,
        after=frozenset(after),
        estimate_seconds=ESTIMATE_SECONDS[kind],
    )


def _ordered(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Every step behind all that it comes after, otherwise in the given order."""
    known = {step.id for step in steps}
    done: dict[str, Step] = {}
    while len(done) < len(steps):
        for step in steps:
            if step.id not in done and (step.after & known) <= done.keys():
                done[step.id] = step
    return tuple(done.values())
