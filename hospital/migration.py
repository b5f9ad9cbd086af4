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
from hospital.gate import kept_from, unready, unsynced
from hospital.itinerary import SETTLED, Route, begun, route
from hospital.move import (
    Act,
    Method,
    Migration,
    MoveSeen,
    Phase,
    Stream,
    Verb,
)
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
    return _going_on(migration, seen, now)


def out_of_turn(migration: Migration, verb: Verb) -> str:
    """Why an order means nothing in the phase that it is in, for who gives it; "" if it does."""
    if migration.phase in _LAWFUL[verb]:
        return ""
    return f"no {verb} in phase {migration.phase}: {_instead(migration.phase)}"


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
    senseless = out_of_turn(migration, order.verb)
    if senseless:
        return replace(migration, obeyed=order.at, message=senseless)
    kept = kept_from(migration, order, seen, now)
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


def _going_on(migration: Migration, seen: MoveSeen, now: float) -> Course:
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
        if after is not None and not _failing(done):
            return _going_on(_entered(done, after, now), seen, now)
    return _taking(replace(migration, records=tuple(records.values())), steps, seen, now)


def _renewed(migration: Migration, seen: MoveSeen, now: float) -> Migration:
    """Steps whose result no longer holds are to be taken again."""
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


def _taking(migration: Migration, steps: Route, seen: MoveSeen, now: float) -> Course:
    """The steps that may be taken now, with their intent in the records."""
    records = {record.id: record for record in migration.records}
    take: list[Act] = []
    held: list[str] = []
    for act, after in steps.items():
        if records[act].state in SETTLED or not all(records[a].state in SETTLED for a in after):
            continue
        reason = _held(migration, act, seen)
        if reason:
            held.append(f"{act} waits: {reason}")
            continue
        if records[act].state is StepState.WAITING:
            records[act] = replace(records[act], state=StepState.INTENDED, started=now)
        if act is not Act.CATCH_UP:
            take.append(act)
    told = replace(migration, records=tuple(records.values()))
    if held:
        return Course(replace(told, message="; ".join(held), blocked=True), tuple(take))
    return Course(_described(told, take, seen), tuple(take))


def _held(migration: Migration, act: Act, seen: MoveSeen) -> str:
    """Why ``act``, whose turn it is, must not be taken yet; "" if it may be."""
    match act:
        case Act.FENCE if not begun(migration.records, Act.FENCE):
            return unready(migration, seen)
        case Act.HAND_OVER if migration.method is Method.PHYSICAL and not begun(
            migration.records, Act.HAND_OVER
        ):
            return unready(migration, seen)
        case Act.OPEN:
            return _two_open(seen.source_open, "source")
        case Act.OPEN_BACK:
            return _target_may_write(migration, seen)
        case Act.FENCE_BACK | Act.HAND_BACK | Act.WARM_BACK if seen.recovering:
            return f"{seen.recovering} is under way"
    return ""


def _two_open(other: bool | None, name: str) -> str:
    """M1, as the last word before an end is opened."""
    if other is False:
        return ""
    state = "accepts writes" if other else "cannot be seen"
    return f"the {name} {state}: two ends must never accept writes"


def _target_may_write(migration: Migration, seen: MoveSeen) -> str:
    never = not begun(migration.records, Act.OPEN) and seen.target_open is not True
    if never or seen.target_open is False or seen.target_off:
        return ""
    if seen.target_open is None and migration.target in seen.lost_sites and _gives_up(migration):
        return ""  # M1's last clause: nobody can reach it, and a person answers for it by name
    return _two_open(seen.target_open, "target")


def _gives_up(migration: Migration) -> bool:
    order = migration.order
    return (
        order is not None
        and order.verb is Verb.ROLLBACK
        and order.at <= migration.obeyed
        and order.accept_loss
    )


def skippable(migration: Migration, act: Act, seen: MoveSeen) -> str:
    """Why a step that the world refuses may be left out, for its record; "" if it may not be.

    What concerns a target that is lost is left out only where a person accepted the loss.
    """
    lost = migration.target in seen.lost_sites or seen.target_off
    if act in (Act.FENCE_BACK, Act.HAND_BACK) and lost and _gives_up(migration):
        return f"{migration.target} is lost; its last writes were given up by name"
    if act in (Act.STOP_BACK, Act.END_TRIAL) and lost:
        return f"{migration.target} is lost"
    if act in (Act.STOP, Act.RETIRE) and migration.source in seen.lost_sites:
        return f"{migration.source} is lost"
    return ""


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
        return replace(migration, message=_soaking(migration, seen), blocked=False)
    if migration.phase is Phase.SYNC:
        return _syncing(migration, seen)
    return migration


def _soaking(migration: Migration, seen: MoveSeen) -> str:
    if seen.stream is Stream.FLOWING and seen.lag_seconds is not None:
        lag = f"the source lags by {seen.lag_seconds:.1f} s"
    else:
        lag = f"NO WAY BACK without loss: the stream to the source is {seen.stream}"
    return f"{migration.workload} lives at {migration.target}; {lag}; finalize or roll back"


def _syncing(migration: Migration, seen: MoveSeen) -> Migration:
    if not unsynced(migration):
        lag = "unknown" if seen.lag_seconds is None else f"{seen.lag_seconds:.1f} s"
        text = f"in step, the target lags by {lag}: rehearse, cut over or roll back"
        if seen.stream is not Stream.FLOWING:
            text = f"the stream is {seen.stream}: {'; '.join(seen.errors)}"
        return replace(migration, message=text, blocked=seen.stream is not Stream.FLOWING)
    return replace(migration, message=_catching_up(seen), blocked=False)


def _catching_up(seen: MoveSeen) -> str:
    written, applied = seen.write_bytes_per_second, seen.apply_bytes_per_second
    lag = "unknown" if seen.lag_bytes is None else f"{seen.lag_bytes >> 10} KiB"
    if written and applied is not None and applied < written:
        return (
            f"CatchUp never ends at this rate: the source writes {written / 1e6:.2f} MB/s, the "
            f"target applies {applied / 1e6:.2f} MB/s; more than {written / 1e6:.2f} MB/s is needed"
        )
    return f"catching up, {lag} behind"
