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

from hospital.detection import database_seen
from hospital.estate import Estate, RecoveryPlan, Replication
from hospital.judgement import conflict, judge, propose
from hospital.settling import SETTLED, Records, Scene, settled
from hospital.steps import PLANNED, compile_steps, old_primary
from hospital.story import Action, Seen, Step, StepKind, StepRecord, StepState
from hospital.verdict import Block, Finish, Refuse, Take, Verdict, Wait

__all__ = [
    "SETTLED",
    "advance",
    "compile_steps",
    "conflict",
    "judge",
    "may_expire",
    "old_primary",
    "propose",
]


def advance(  # noqa: PLR0917 - what the decision is about comes first, always in this order
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
    scene = Scene(estate, plan, tuple(steps), seen, now)
    known = {record.id: record for record in action.records} or _first_records(steps)
    records = settled(scene, known)
    block = _block(scene, action, records)
    if block:
        return replace(block, records=_in_order(steps, records) if action.records else ())
    return _next(scene, records)


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


def _first_records(steps: Sequence[Step]) -> Records:
    return {step.id: StepRecord(step.id, StepState.WAITING, site=step.site) for step in steps}


def _in_order(steps: Sequence[Step], records: Mapping[str, StepRecord]) -> tuple[StepRecord, ...]:
    return tuple(records[step.id] for step in steps)


def _next(scene: Scene, records: Records) -> Verdict:
    """The steps that may be taken now, with their intent in the records."""
    ready = [step for step in scene.steps if _takeable(scene, step, records)]
    for step in ready:
        known = records[step.id]
        if known.state is StepState.WAITING:
            records[step.id] = replace(known, state=StepState.INTENDED, started=scene.now)
    told = _in_order(scene.steps, records)
    if ready:
        return Take(tuple(ready), told, message="taking " + ", ".join(step.id for step in ready))
    if all(record.state in SETTLED for record in told):
        return Finish(told, _closing(told))
    return Wait(_waiting_for(scene.steps, records), records=told)


def _takeable(scene: Scene, step: Step, records: Records) -> bool:
    if records[step.id].state in SETTLED:
        return False
    if step.kind is StepKind.EXPIRE:  # one verified predecessor is enough, none is not
        return may_expire(scene.estate, scene.plan, step.subject, scene.seen)
    return all(records[needed].state in SETTLED for needed in step.after)


def _block(scene: Scene, action: Action, records: Records) -> Block | None:
    """Why a person must decide before this story may go on; None if it may."""
    pending = {step.kind for step in scene.steps if records[step.id].state not in SETTLED}
    if action.kind in PLANNED:
        return _unready_target(scene) if StepKind.HANDOVER in pending else None
    if {StepKind.EXPIRE, StepKind.CONSENSUS} & pending and not action.accept_loss:
        return _loss_above_rpo(scene)
    return None


def _loss_above_rpo(scene: Scene) -> Block | None:
    known = database_seen(scene.seen, scene.plan.database)
    old = old_primary(scene.steps)
    if known is None or known.leader not in ("", old):
        return None  # nobody can see it yet, or consensus decided already
    rpo, lag = scene.plan.rpo.total_seconds(), known.lag_seconds
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


def _unready_target(scene: Scene) -> Block | None:
    """A planned move waits for a target that has everything; it never forces one."""
    estate, known = scene.estate, database_seen(scene.seen, scene.plan.database)
    database = estate.database(scene.plan.database)
    step = next(step for step in scene.steps if step.kind is StepKind.HANDOVER)
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
