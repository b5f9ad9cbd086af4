"""Which steps the world has made needless or impossible, and why.

A story is compiled for the world as it was; sites are lost and consensus decides
while it is told. A step is passed over only with its reason on record, and one
whose effect may have happened is passed over only when nothing can be undone by
it: an intended fence or withdrawal is taken to its end, or given up by the world.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hospital.detection import database_seen, lost_hosts, lost_sites
from hospital.estate import Estate, RecoveryPlan
from hospital.story import Seen, Step, StepKind, StepRecord, StepState

SETTLED = frozenset({StepState.DONE, StepState.SKIPPED})

Records = dict[str, StepRecord]
"""Step id → its record, for every step of the story."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a decision about one story looks at."""

    estate: Estate
    plan: RecoveryPlan
    steps: tuple[Step, ...]
    seen: Seen
    now: float


def settled(scene: Scene, records: Records) -> Records:
    """A copy of ``records`` with every needless or impossible step skipped, reasons included."""
    records = dict(records)
    changed = True
    while changed:
        changed = False
        for step in scene.steps:
            known = records[step.id]
            reason = "" if known.state in SETTLED else _needless(scene, step, records)
            if reason:
                records[step.id] = replace(
                    known, state=StepState.SKIPPED, ended=scene.now, detail=reason
                )
                changed = True
    return records


def _needless(scene: Scene, step: Step, records: Records) -> str:
    """Why ``step`` need not or cannot be taken any more; "" if it still must be."""
    reason = ""
    match step.kind:
        case StepKind.EXPIRE:
            reason = _keeps_or_lost_lead(scene, step, records)
        case StepKind.FENCE:
            reason = _needless_fence(scene, step, records)
        case StepKind.WITHDRAW:
            reason = _needless_withdrawal(scene, step, records)
        case StepKind.RESTORE:
            reason = _needless_restore(scene, step, records)
        case StepKind.START | StepKind.READY | StepKind.NAME | StepKind.HANDOVER:
            reason = _unreachable(scene, step, records)
        case StepKind.STOP:
            reason = _needless_stop(scene, step, records)
    return reason


def _lead_gone(records: Records) -> bool:
    return any(
        record.state in SETTLED
        for record in records.values()
        if record.id.startswith((f"{StepKind.EXPIRE}/", f"{StepKind.CONSENSUS}/"))
    )


def _keeps_or_lost_lead(scene: Scene, step: Step, records: Records) -> str:
    """Consensus was quicker; or the suspicion was wrong and the old primary leads alone.

    The latter happens when it lives and drops the withdrawn candidates from the store
    before its lease could go. Then nobody else has all of its writes: it must keep the lead.
    """
    known = database_seen(scene.seen, scene.plan.database)
    if known is None:
        return ""
    if known.leader not in ("", step.subject):
        return f"consensus decided already: {known.leader} leads"
    tried = [records[name] for name in step.after]
    if not tried or any(record.state not in SETTLED for record in tried):
        return ""
    alive = known.leader == known.writable == step.subject
    alone = not set(known.synchronous) - {step.subject}
    if alive and alone and step.subject not in scene.seen.fenced:
        return f"{step.subject} is alive and leads alone: nobody else holds all of its writes"
    return ""


def _needless_fence(scene: Scene, step: Step, records: Records) -> str:
    if step.subject in scene.seen.fence_refused:
        return "the BMC did not answer or did not obey"
    return _untaken_after_lease(step, records)


def _needless_withdrawal(scene: Scene, step: Step, records: Records) -> str:
    if step.subject in lost_hosts(scene.estate, scene.seen):
        return "the candidate does not answer"
    return _untaken_after_lease(step, records)


def _untaken_after_lease(step: Step, records: Records) -> str:
    untaken = records[step.id].state is StepState.WAITING
    return "the lease is gone already" if untaken and _lead_gone(records) else ""


def _needless_restore(scene: Scene, step: Step, records: Records) -> str:
    withdrawal = records.get(f"{StepKind.WITHDRAW}/{step.subject}")
    if withdrawal and withdrawal.state is StepState.SKIPPED and withdrawal.started is None:
        return "nothing was withdrawn"
    if step.subject in lost_hosts(scene.estate, scene.seen):
        return "the candidate does not answer; what was withdrawn must be restored on its return"
    return ""


def _unreachable(scene: Scene, step: Step, records: Records) -> str:
    if not step.site:
        return "no site may take it"
    if step.site in lost_sites(scene.seen):
        return f"{step.site} is lost"
    if step.kind is StepKind.NAME:
        ready = records.get(f"{StepKind.READY}/{step.subject}")
        if ready and ready.state is StepState.SKIPPED:
            return "it is not ready there"
    return ""


def _needless_stop(scene: Scene, step: Step, records: Records) -> str:
    if step.site in lost_sites(scene.seen):
        return f"{step.site} does not answer; its own operator stops it on its return"
    name = records.get(f"{StepKind.NAME}/{step.subject}")
    if name and name.state is StepState.SKIPPED:
        return "it still serves here"
    return ""
