"""The step function of every recovery: from a story, its records and what is seen, what now.

Pure: the same arguments give the same verdict, on any operator, at any time, after
any crash. The invariants, tested by enumeration in ``tests/hospital``:

* **I1** At most one primary per database can *acknowledge* a write at any moment: a lease
  is expired only when the old primary's fence, or the withdrawal of every synchronous
  candidate, is verified *now*; otherwise consensus decides.
* **I2** No acknowledged write is lost where RPO is 0. Elsewhere loss above the declared
  RPO blocks until a person accepts it by name and reason.
* **I3** Any operator may die at any step; a step that was intended is taken again.
* **I4** No step needs the lost site: whatever concerns it is skipped.
* **I5** Automatic action needs the hub's quorum, two observers that agree, and a plan
  that says ``automatic``.
* **I6** Everything ends in evidence: ``RecordEvidence`` comes after every other step.

Other rooms use ``judge``, ``compile_steps``, ``advance`` and ``propose`` from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from hospital.detection import database_seen, lost_hosts, lost_sites
from hospital.estate import Estate, RecoveryPlan, Replication
from hospital.judgement import conflict, judge, propose
from hospital.steps import PLANNED, compile_steps, old_primary
from hospital.story import Action, Seen, Step, StepKind, StepRecord, StepState
from hospital.verdict import Block, Finish, Refuse, Take, Verdict, Wait

__all__ = ["advance", "compile_steps", "conflict", "judge", "old_primary", "propose"]

SETTLED = frozenset({StepState.DONE, StepState.SKIPPED})

Records = dict[str, StepRecord]


def advance(
    estate: Estate,
    plan: RecoveryPlan,
    action: Action,
    steps: Sequence[Step],
    seen: Seen,
    now: float,
    *,
    others: Iterable[Action] = (),
) -> Verdict:
    """What to do now about ``action``, whose story is ``steps``; ``now`` is epoch seconds.

    ``others`` are all actions known to the hub. Steps already in flight are in ``Take``
    again: whoever acts knows what it has begun. Every verdict carries the complete
    records, which must be in the hub before anything is done.
    """
    if not seen.quorum:
        reason = "the hub has no quorum: nothing can be recorded, so nothing is begun"
        return Wait(reason, records=action.records, phase=action.phase)
    refusal = judge(estate, action, seen=seen, others=others)
    if refusal:
        return Refuse(refusal, records=action.records)
    records = {record.id: record for record in action.records} or _first_records(steps)
    records = _settled(estate, plan, steps, records, seen, now)
    block = _block(estate, plan, action, steps, records, seen)
    if block:
        return replace(block, records=_in_order(steps, records) if action.records else ())
    ready = [step for step in steps if _takeable(estate, plan, step, steps, records, seen)]
    for step in ready:
        known = records[step.id]
        if known.state is StepState.WAITING:
            records[step.id] = replace(known, state=StepState.INTENDED, started=now)
    told = _in_order(steps, records)
    if ready:
        return Take(tuple(ready), told, message=_message(ready))
    if all(record.state in SETTLED for record in told):
        return Finish(told, _closing(told))
    return Wait(_waiting_for(steps, records), records=told)


def _first_records(steps: Sequence[Step]) -> Records:
    return {step.id: StepRecord(step.id, StepState.WAITING, site=step.site) for step in steps}


def _in_order(steps: Sequence[Step], records: Mapping[str, StepRecord]) -> tuple[StepRecord, ...]:
    return tuple(records[step.id] for step in steps)


def _settled(
    estate: Estate,
    plan: RecoveryPlan,
    steps: Sequence[Step],
    records: Records,
    seen: Seen,
    now: float,
) -> Records:
    """The records with every step settled that the world has made needless or impossible."""
    records = dict(records)
    changed = True
    while changed:
        changed = False
        for step in steps:
            if records[step.id].state in SETTLED:
                continue
            reason = _needless(estate, plan, step, records, seen)
            if reason:
                records[step.id] = replace(
                    records[step.id], state=StepState.SKIPPED, ended=now, detail=reason
                )
                changed = True
    return records


def _needless(estate: Estate, plan: RecoveryPlan, step: Step, records: Records, seen: Seen) -> str:
    """Why ``step`` need not or cannot be taken any more; "" if it still must be."""
    known = records[step.id]
    match step.kind:
        case StepKind.EXPIRE:
            return _decided_by_store(plan, step, seen)
        case StepKind.FENCE:
            if step.subject in seen.fence_refused:
                return "the BMC did not answer or did not obey"
            untaken = known.state is StepState.WAITING
            return "the lease is gone already" if untaken and _lead_gone(records) else ""
        case StepKind.WITHDRAW:
            if step.subject in lost_hosts(estate, seen):
                return "the candidate does not answer"
            untaken = known.state is StepState.WAITING
            return "the lease is gone already" if untaken and _lead_gone(records) else ""
        case StepKind.RESTORE:
            return _needless_restore(estate, step, records, seen)
        case StepKind.START | StepKind.READY | StepKind.NAME | StepKind.HANDOVER:
            return _unreachable(step, records, seen)
        case StepKind.STOP:
            return _needless_stop(step, records, seen)
        case _:
            return ""


def _lead_gone(records: Records) -> bool:
    return any(
        record.state in SETTLED
        for record in records.values()
        if record.id.startswith((f"{StepKind.EXPIRE}/", f"{StepKind.CONSENSUS}/"))
    )


def _decided_by_store(plan: RecoveryPlan, step: Step, seen: Seen) -> str:
    known = database_seen(seen, plan.database)
    if known is None or known.leader in ("", step.subject):
        return ""
    return f"consensus decided already: {known.leader} leads"


def _needless_restore(estate: Estate, step: Step, records: Records, seen: Seen) -> str:
    withdrawal = records.get(f"{StepKind.WITHDRAW}/{step.subject}")
    if withdrawal and withdrawal.state is StepState.SKIPPED and withdrawal.started is None:
        return "nothing was withdrawn"
    if step.subject in lost_hosts(estate, seen):
        return "the candidate does not answer; what was withdrawn must be restored on its return"
    return ""


def _unreachable(step: Step, records: Records, seen: Seen) -> str:
    if not step.site:
        return "no site may take it"
    if step.site in lost_sites(seen):
        return f"{step.site} is lost"
    if step.kind is StepKind.NAME:
        ready = records.get(f"{StepKind.READY}/{step.subject}")
        if ready and ready.state is StepState.SKIPPED:
            return "it is not ready there"
    return ""


def _needless_stop(step: Step, records: Records, seen: Seen) -> str:
    if step.site in lost_sites(seen):
        return f"{step.site} does not answer; its own operator stops it on its return"
    name = records.get(f"{StepKind.NAME}/{step.subject}")
    if name and name.state is StepState.SKIPPED:
        return "it still serves here"
    return ""


def _takeable(
    estate: Estate,
    plan: RecoveryPlan,
    step: Step,
    steps: Sequence[Step],
    records: Records,
    seen: Seen,
) -> bool:
    if records[step.id].state in SETTLED:
        return False
    if step.kind is StepKind.EXPIRE:
        return may_expire(estate, plan, step.subject, seen)
    return all(records[needed].state in SETTLED for needed in step.after)


def may_expire(estate: Estate, plan: RecoveryPlan, old: str, seen: Seen) -> bool:
    """Whether the lease of ``old`` may go: its fence, or every withdrawal, verified now (I1).

    A withdrawal speaks for itself only where replication is synchronous, and only if it
    covers every candidate that the store names: one that still receives lets the old
    primary acknowledge.
    """
    known = database_seen(seen, plan.database)
    if known is None or known.leader not in ("", old):
        return False
    if old in seen.fenced:
        return True
    synchronous = set(known.synchronous) - {old}
    declared = estate.database(plan.database).replication is Replication.SYNCHRONOUS
    return declared and bool(synchronous) and synchronous <= seen.withdrawn


def _block(
    estate: Estate,
    plan: RecoveryPlan,
    action: Action,
    steps: Sequence[Step],
    records: Records,
    seen: Seen,
) -> Block | None:
    """Why a person must decide before this story may go on; None if it may."""
    pending = {step.kind for step in steps if records[step.id].state not in SETTLED}
    if action.kind in PLANNED:
        return _unready_target(estate, plan, steps, seen) if StepKind.HANDOVER in pending else None
    if not {StepKind.EXPIRE, StepKind.CONSENSUS} & pending or action.accept_loss:
        return None
    known = database_seen(seen, plan.database)
    old = old_primary(steps)
    if known is None or known.leader not in ("", old):
        return None  # nobody can see it yet, or consensus decided already
    rpo, lag = plan.rpo.total_seconds(), known.lag_seconds
    covered = bool(set(known.synchronous) - {old})
    if lag is None and covered:
        return None  # a synchronous candidate holds every acknowledged write
    if lag is not None and lag <= rpo:
        return None
    zh = "未知" if lag is None else f"{lag:.1f} 秒"
    en = "unknown" if lag is None else f"{lag:.1f} s"
    return Block(
        f"备库落后{zh}，超过声明的 RPO {rpo:g} 秒，切换会丢失已确认的数据",
        f"the standby lags by {en}, more than the declared RPO of {rpo:g} s: "
        "a failover would lose acknowledged writes",
        "wait until it has caught up, bring the old primary back, or ask again with "
        "--accept-loss and a reason",
    )


def _unready_target(
    estate: Estate, plan: RecoveryPlan, steps: Sequence[Step], seen: Seen
) -> Block | None:
    """A planned move waits for a target that has everything; it never forces one."""
    known = database_seen(seen, plan.database)
    database = estate.database(plan.database)
    step = next(step for step in steps if step.kind is StepKind.HANDOVER)
    member = next(name for name in database.members if estate.host(name).site == step.site)
    if known is None or known.leader == member:
        return None
    if database.replication is Replication.SYNCHRONOUS and member not in known.synchronous:
        return Block(
            f"{member} 不是同步备库，计划切换会丢数据",
            f"{member} is no synchronous standby now: a planned move would lose writes",
            "wait until it has caught up; xinglin status shows it",
        )
    return None


def _message(ready: Sequence[Step]) -> str:
    return "taking " + ", ".join(step.id for step in ready)


def _waiting_for(steps: Sequence[Step], records: Records) -> str:
    """What the story waits for, in words for the person on call."""
    for step in steps:
        if records[step.id].state in SETTLED:
            continue
        if step.kind is StepKind.EXPIRE:
            return (
                f"neither a fence of {step.subject} nor a withdrawal is verified; "
                "unless one is, the store's own TTL decides (20 s and more)"
            )
        missing = sorted(name for name in step.after if records[name].state not in SETTLED)
        return f"{step.id} waits for {', '.join(missing)}"
    return "nothing is left to do"


def _closing(records: Sequence[StepRecord]) -> str:
    left = [record for record in records if record.state is StepState.SKIPPED]
    unplaced = sorted(
        record.id.partition("/")[2] for record in left if record.id.startswith(f"{StepKind.READY}/")
    )
    text = f"{len(records) - len(left)} steps done, {len(left)} not needed or not possible"
    return f"{text}; not running: {', '.join(unplaced)}" if unplaced else text
