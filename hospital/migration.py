"""The step function of every migration: from its records, an order and what is seen, what now.

Pure: the same arguments give the same verdict, on any operator, at any time, after any crash.
The invariants, tested by enumeration in ``tests/hospital``:

* **M1** At most one end of a workload's database accepts writes at any moment: an end is opened
  only while the other is seen closed, or its host is read back as powered off, or a person says by
  name and reason that it is lost for good.
* **M2** No acknowledged write is lost: an end is opened only after it holds everything that the
  other had when it was fenced. Only a rollback from a lost target, accepted by name, may lose.
* **M3** Any operator may die at any step; a step that was intended is taken again.
* **M4** Rollback is possible from every phase before ``Finalize``.
* **M5** A cutover begins only after a rehearsal that passed, outside freeze windows (both: unless
  forced by name and reason), below the bound of lag, with both ends' tables alike and no recovery
  under way (never forced).
* **M6** An abandoned migration never fills the source's disk, and a cutover that cannot go on does
  not keep a hospital waiting: above the bounds both take themselves back.
* **M7** Recovery and migration agree who moves a workload (``hospital/custody.py``).

Other rooms use ``advance``, ``refusal`` and ``out_of_turn`` from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hospital.estate import Estate
from hospital.gate import kept_from, lapsed
from hospital.itinerary import SETTLED, Route, begun, route, settled
from hospital.migration_words import soaking, syncing
from hospital.move import (
    Act,
    Method,
    Migration,
    MoveSeen,
    Order,
    Phase,
    Stream,
    Verb,
)
from hospital.safeguards import held
from hospital.story import StepRecord, StepState

TERMINAL = frozenset({Phase.COMPLETED, Phase.ROLLED_BACK, Phase.REFUSED})

CHECK_AGAIN_SECONDS = 30.0
"""How long failed prechecks stand before the facts are gathered anew."""

_NEXT = {
    Phase.PRECHECK: Phase.SYNC,
    Phase.REHEARSE: Phase.SYNC,
    Phase.CUTOVER: Phase.REVERSE,
    Phase.FINALIZE: Phase.COMPLETED,
    Phase.ROLLBACK: Phase.ROLLED_BACK,
}

_LAWFUL = {
    Verb.REHEARSE: frozenset({Phase.SYNC}),
    Verb.CUTOVER: frozenset({Phase.SYNC}),
    Verb.FINALIZE: frozenset({Phase.REVERSE}),
    Verb.ROLLBACK: frozenset(
        {
            Phase.PENDING,
            Phase.PRECHECK,
            Phase.SYNC,
            Phase.REHEARSE,
            Phase.CUTOVER,
            Phase.REVERSE,
        }
    ),
}

_ENTERED = {
    Verb.REHEARSE: Phase.REHEARSE,
    Verb.CUTOVER: Phase.CUTOVER,
    Verb.FINALIZE: Phase.FINALIZE,
    Verb.ROLLBACK: Phase.ROLLBACK,
}


@dataclass(frozen=True, slots=True)
class Course:
    """The migration as it belongs into the hub *before* anything is done, and what to do then."""

    migration: Migration
    take: tuple[Act, ...] = ()  # those already in flight are named again


def advance(
    estate: Estate,
    migration: Migration,
    seen: MoveSeen,
    now: float,
    *,
    others: Iterable[Migration] = (),
) -> Course:
    """What to do now about ``migration``; ``now`` is epoch seconds, ``others`` all that are known.

    The conductor marks a step DONE when its hands say so; ``CatchUp`` is settled here, by what
    is seen.
    """
    if migration.phase in TERMINAL:
        return Course(migration)
    if not seen.quorum:
        return Course(replace(migration, message="the hub has no quorum: nothing is begun"))
    if migration.phase is Phase.PENDING and not _ordered(migration, Verb.ROLLBACK):
        reason = refusal(estate, migration, others)
        if reason:
            return Course(_entered(migration, Phase.REFUSED, now, message=reason))
        migration = _entered(migration, Phase.PRECHECK, now)
    migration = _obeying(migration, seen, now)
    migration = _stopped_safely(migration, seen, now)
    return _going_on(estate, migration, seen, now)


def out_of_turn(migration: Migration, order: Order) -> str:
    """Why an order means nothing in the phase that it is in, for who gives it; "" if it does."""
    gives_up = order.verb is Verb.ROLLBACK and order.accept_loss
    if migration.phase in _LAWFUL[order.verb] or (gives_up and migration.phase is Phase.ROLLBACK):
        return ""
    return f"no {order.verb} in phase {migration.phase}: {_instead(migration.phase)}"


def refusal(estate: Estate, migration: Migration, others: Iterable[Migration] = ()) -> str:
    """Why ``migration`` makes no sense, for the person who asked; "" if it does."""
    names = [each.name for each in estate.workloads]
    if migration.workload not in names:
        return f"there is no workload {migration.workload!r}; there are: {', '.join(names)}"
    if migration.target == migration.source:
        return f"{migration.workload} runs at {migration.source} already"
    for other in others:
        if (
            other.name != migration.name
            and other.phase not in TERMINAL
            and _clash(estate, migration, other)
        ):
            return f"{other.name} is under way: finalize it or roll it back first"
    if migration.method is Method.PHYSICAL:
        return ""
    declared = [(each.workload, each.to, each.database) for each in estate.migrations]
    wanted = (migration.workload, migration.target, migration.database)
    if wanted in declared:
        return ""
    return (
        f"no migration of {migration.workload} to {migration.target} is declared: add "
        f"{{workload: {migration.workload}, to: {migration.target}, database: ...}} to "
        "`migrations` of the estate and run `pulumi up`"
    )


def _clash(estate: Estate, one: Migration, other: Migration) -> bool:
    """The same workload, or two hand-overs of the same cluster."""
    if one.workload == other.workload:
        return True
    if {one.method, other.method} != {Method.PHYSICAL}:
        return False
    return estate.workload(one.workload).database == _database_of(estate, other.workload)


def _database_of(estate: Estate, workload: str) -> str:
    return next((each.database for each in estate.workloads if each.name == workload), "")


def _ordered(migration: Migration, verb: Verb) -> bool:
    order = migration.order
    return order is not None and order.at > migration.obeyed and order.verb is verb


def _obeying(migration: Migration, seen: MoveSeen, now: float) -> Migration:
    """The migration with its last order taken up, turned down, or held back with the reason."""
    order = migration.order
    if order is None or order.at <= migration.obeyed:
        return migration
    senseless = out_of_turn(migration, order)
    if senseless:
        return replace(migration, obeyed=order.at, message=senseless)
    if migration.phase is Phase.ROLLBACK:
        message = f"{order.by} gives up what {migration.target} alone may hold: {order.reason}"
        return replace(migration, obeyed=order.at, message=message)
    kept = kept_from(migration, order, seen, now)
    if kept and lapsed(order, now):
        return replace(migration, obeyed=order.at, message=f"{order.verb} has lapsed: {kept}")
    if kept:
        return replace(migration, message=f"{order.verb} waits: {kept}", blocked=True)
    taken = replace(migration, obeyed=order.at)
    return _entered(taken, _ENTERED[order.verb], now, message=f"{order.verb}: {order.reason}")


def _instead(phase: Phase) -> str:
    return {
        Phase.SYNC: "rehearse, cut over or roll back",
        Phase.REVERSE: "finalize or roll back",
        Phase.FINALIZE: "this is past the point of no return",
        Phase.ROLLBACK: "it is on its way back; start a new migration afterwards",
        Phase.CUTOVER: "it is cutting over; roll back, or wait",
        **dict.fromkeys(TERMINAL, "it is over; start a new migration"),
    }.get(phase, "wait, or roll back")


def _stopped_safely(migration: Migration, seen: MoveSeen, now: float) -> Migration:
    """A migration that does harm ends itself, while nothing was written at the target (M6)."""
    harm = ""
    if migration.phase in (Phase.SYNC, Phase.REHEARSE):
        harm = _filling(migration, seen)
    elif migration.phase is Phase.CUTOVER and not begun(migration.records, Act.OPEN):
        harm = _standing_still(migration, seen, now)
    if not harm:
        return migration
    return _entered(migration, Phase.ROLLBACK, now, message=f"safe stop: {harm}")


def _filling(migration: Migration, seen: MoveSeen) -> str:
    bound = migration.bounds.retained_bytes
    if seen.retained_bytes is None or seen.retained_bytes <= bound:
        return ""
    return (
        f"the source keeps {seen.retained_bytes >> 20} MiB of write-ahead log for the stream, more "
        f"than {bound >> 20} MiB; mend the link or the target, then start anew"
    )


def _standing_still(migration: Migration, seen: MoveSeen, now: float) -> str:
    """Patients wait while neither end accepts writes: not for longer than the bound."""
    fence = next((r.started for r in migration.records if r.id == Act.FENCE), None)
    if fence is None:
        return ""
    if settled(migration.records, Act.FENCE) and seen.source_open:
        return f"{migration.source} was opened again behind the fence"
    if migration.target in seen.lost_sites:
        return f"{migration.target} was lost during the cutover, before it was opened"
    if now - fence > migration.bounds.pause_seconds:
        return f"no hand-over within {migration.bounds.pause_seconds:g} s of the fence"
    return ""


def _entered(migration: Migration, phase: Phase, now: float, *, message: str = "") -> Migration:
    """The migration at the door of ``phase``; a phase that is entered again starts its steps anew.

    Except Sync, whose stream goes on through a rehearsal, and what a rollback must undo.
    """
    again = route(migration.method, phase, migration.records)
    keep = phase in (Phase.SYNC, Phase.ROLLBACK)
    records = tuple(r for r in migration.records if keep or r.id not in again)
    return replace(
        migration, phase=phase, since=now, message=message, blocked=False, records=records
    )


def _going_on(estate: Estate, migration: Migration, seen: MoveSeen, now: float) -> Course:
    if migration.phase in TERMINAL:
        return Course(migration)
    migration = _renewed(migration, seen, now)
    steps = route(migration.method, migration.phase, migration.records)
    records = {record.id: record for record in migration.records}
    for act in steps:
        records.setdefault(act, StepRecord(act, StepState.WAITING))
    _settle_by_sight(migration, seen, now, records)
    if steps and all(records[act].state in SETTLED for act in steps):
        after = _NEXT.get(migration.phase)
        done = replace(migration, records=tuple(records.values()))
        if after is not None and not _failing(done) and _stands(done, seen):
            return _going_on(estate, _entered(done, after, now), seen, now)
    told = replace(migration, records=tuple(records.values()))
    return _taking(estate, told, steps, seen, now)


def _stands(migration: Migration, seen: MoveSeen) -> bool:
    """Whether the end that a story closes with is seen to stand: nobody will look again."""
    if migration.method is Method.PHYSICAL or not begun(migration.records, Act.FENCE):
        return True
    if migration.phase is Phase.ROLLBACK:
        return seen.source_open is True
    return migration.phase is not Phase.FINALIZE or seen.target_open is True


def _renewed(migration: Migration, seen: MoveSeen, now: float) -> Migration:
    """Steps whose result no longer holds are to be taken again."""
    if migration.phase is Phase.ROLLBACK:
        return _undone_late(migration, seen)
    streamed = migration.phase is Phase.SYNC and begun(migration.records, Act.SUBSCRIBE)
    if streamed and seen.stream is Stream.LOST:
        stale = frozenset(route(migration.method, Phase.SYNC, ()))
        kept = tuple(r for r in migration.records if r.id not in stale)
        return replace(migration, records=kept, rehearsal=None)
    if migration.phase is Phase.PRECHECK and _failing(migration):
        ended = next((r.ended for r in migration.records if r.id == Act.CHECK), None)
        if ended is not None and now - ended >= CHECK_AGAIN_SECONDS:
            kept = tuple(r for r in migration.records if r.id != Act.CHECK)
            return replace(migration, records=kept, failing=())
    return migration


def _undone_late(migration: Migration, seen: MoveSeen) -> Migration:
    """What took effect late, of an operator that died or by another's hand, is undone."""
    fenced = settled(migration.records, Act.FENCE_BACK)
    stale: tuple[Act, ...] = ()
    if seen.target_open and seen.source_open and fenced:
        stale = (Act.FENCE_BACK,)  # it was given up, and answers again
    elif seen.target_open and seen.source_open is False and fenced:
        stale = (Act.FENCE_BACK, Act.HAND_BACK, Act.OPEN_BACK)
    elif seen.source_open is False and settled(migration.records, Act.OPEN_BACK):
        stale = (Act.OPEN_BACK,)
    return replace(migration, records=tuple(r for r in migration.records if r.id not in stale))


def _failing(migration: Migration) -> tuple[str, ...]:
    """Blocking prechecks that failed and that nobody took on."""
    if migration.phase is not Phase.PRECHECK:
        return ()
    taken_on = {each.check for each in migration.overrides}
    return tuple(one for one in migration.failing if one not in taken_on)


def _settle_by_sight(
    migration: Migration, seen: MoveSeen, now: float, records: dict[str, StepRecord]
) -> None:
    """``CatchUp`` has no hands: it is done when the lag is seen below the bound."""
    known = records.get(Act.CATCH_UP)
    if migration.phase is not Phase.SYNC or known is None or known.state is not StepState.INTENDED:
        return
    lag = seen.lag_seconds
    if seen.stream is Stream.FLOWING and lag is not None and lag <= migration.bounds.lag_seconds:
        records[Act.CATCH_UP] = replace(
            known, state=StepState.DONE, ended=now, detail=f"lags by {lag:.1f} s"
        )


def _taking(
    estate: Estate, migration: Migration, steps: Route, seen: MoveSeen, now: float
) -> Course:
    """The steps that may be taken now, with their intent in the records."""
    records = {record.id: record for record in migration.records}
    take: list[Act] = []
    waits: list[str] = []
    for act, after in steps.items():
        if records[act].state in SETTLED or not all(records[a].state in SETTLED for a in after):
            continue
        reason = held(estate, migration, act, seen)
        if reason:
            waits.append(f"{act} waits: {reason}")
            continue
        if records[act].state is StepState.WAITING:
            records[act] = replace(records[act], state=StepState.INTENDED, started=now)
        if act is not Act.CATCH_UP:
            take.append(act)
    told = replace(migration, records=tuple(records.values()))
    if waits:
        return Course(replace(told, message="; ".join(waits), blocked=True), tuple(take))
    return Course(_described(told, take, seen), tuple(take))


def _described(migration: Migration, take: list[Act], seen: MoveSeen) -> Migration:
    """The migration with what it is doing or waiting for, in words for a person."""
    failing = _failing(migration)
    if failing:
        text = (
            f"prechecks failed: {', '.join(failing)}; mend them (they are run again), or take "
            "them on by name with --override and a reason"
        )
        return replace(migration, message=text, blocked=True)
    if take:
        text = "taking " + ", ".join(take)
        return replace(migration, message=text, blocked=False)
    order = migration.order
    if order is not None and order.at > migration.obeyed:
        return migration  # held back; it says why
    if migration.phase is Phase.REVERSE:
        return replace(migration, message=soaking(migration, seen), blocked=False)
    if migration.phase is Phase.SYNC:
        return syncing(migration, seen)
    return migration
