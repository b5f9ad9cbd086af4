"""When does a hospital fail over, and what is the next step: the pure step function.

The invariants, each tested by enumeration in ``tests/hospital/test_invariants.py``:

* **I1** At most one primary per database can *acknowledge* a write at any moment: the old lease
  is expired only after a verified fence, a verified withdrawal of every synchronous candidate, or
  not at all (then consensus decides).
* **I2** No acknowledged write is lost where RPO = 0; elsewhere loss above the declared RPO is
  refused unless a person accepts it by name and reason.
* **I3** Any operator may die at any step; another goes on; no step runs its side effect twice
  harmfully. So every turn starts from the records, and a step in flight is named again.
* **I4** No step needs the lost site.
* **I5** Automatic action only with hub quorum, two observers that agree, and a plan that says
  ``automatic``.
* **I6** Everything ends in evidence.

What must never happen here: a verdict that rests on anything but the records and what is seen now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hospital.detection import database_seen, evidence_of_loss, lost_hosts, lost_sites
from hospital.estate import Estate, Mode, RecoveryPlan, Replication
from hospital.steps import compile_steps, moves_of
from hospital.story import (
    Action,
    ActionKind,
    ActionPhase,
    Seen,
    Step,
    StepKind,
    StepRecord,
    StepState,
)
from hospital.verdict import Block, Finish, Refuse, Take, Verdict, Wait

__all__ = ["advance", "compile_steps", "propose"]

TERMINAL = frozenset({ActionPhase.COMPLETED, ActionPhase.REFUSED, ActionPhase.FAILED})
OVER = frozenset({StepState.DONE, StepState.SKIPPED})

REST_SECONDS = 30.0
"""Least time between two automatic actions of one plan: trouble is not answered in a loop."""


def advance(
    estate: Estate,
    plan: RecoveryPlan,
    action: Action,
    steps: tuple[Step, ...],
    seen: Seen,
    *,
    now: float,
    others: tuple[Action, ...] = (),
) -> Verdict:
    """What to do about ``action`` now; ``now`` is epoch seconds, ``others`` all known actions.

    The records of the verdict belong into the hub before any of its steps is taken.
    """
    if not action.records:
        objection = (
            _rivalled(plan, action, others)
            or _refusal(estate, plan, action, steps, seen)
            or _unplaced(estate, plan, action, seen)
            or _unsafe(estate, plan, action, seen)
        )
        if objection is not None:
            return objection
    if not seen.quorum:
        return Wait("the hub has no quorum: nothing is begun until it has", records=action.records)
    records = _moved_on(steps, _records(steps, action), seen, now)
    flying = tuple(step for step in steps if records[step.id].state is StepState.INTENDED)
    taken = tuple(step for step in flying if _may_be_taken(step, steps, seen))
    ordered = tuple(records[step.id] for step in steps)
    if all(record.state in OVER for record in ordered):
        return Finish(ordered, f"{action.kind.value} of {plan.name} completed")
    if not taken:
        return Wait(_waiting_for(steps, records, seen), records=ordered)
    return Take(taken, ordered, message=", ".join(step.id for step in taken))


def propose(
    estate: Estate,
    active: Mapping[str, str],
    seen: Seen,
    actions: tuple[Action, ...],
    now: float,
) -> Action | None:
    """The automatic action to begin now, if any (I5); ``active`` as the hub records it."""
    if not seen.quorum:
        return None
    for plan in estate.plans:
        reason = _loss(estate, plan, active, seen)
        if plan.mode is not Mode.AUTOMATIC or not reason or not _rested(plan, actions, now):
            continue
        return Action(
            name=f"{plan.name}-failover-{int(now)}",
            plan=plan.name,
            kind=ActionKind.FAILOVER,
            target="",
            reason=reason,
            requested_by="operator",
            requested_at=now,
        )
    return None


def _loss(estate: Estate, plan: RecoveryPlan, active: Mapping[str, str], seen: Seen) -> str:
    """Why the plan must act, in one line; "" if it need not."""
    gone = lost_sites(seen)
    for name in plan.workloads:
        site = active.get(name, estate.workload(name).home)
        if site in gone:
            return evidence_of_loss(seen, site)
    primary = active.get(f"database/{plan.database}", "") if plan.database else ""
    if primary and primary in lost_hosts(estate, seen):
        site = estate.host(primary).site
        return evidence_of_loss(seen, site) if site in gone else f"host {primary} is silent"
    return ""


def _rested(plan: RecoveryPlan, actions: tuple[Action, ...], now: float) -> bool:
    mine = [action for action in actions if action.plan == plan.name]
    automatic = [each for each in mine if each.requested_by.startswith("operator")]
    return all(action.phase in TERMINAL for action in mine) and all(
        now - action.requested_at >= REST_SECONDS for action in automatic
    )


def _refusal(
    estate: Estate, plan: RecoveryPlan, action: Action, steps: tuple[Step, ...], seen: Seen
) -> Refuse | None:
    known = [site.name for site in estate.sites]
    lost, target = lost_sites(seen), action.target
    reason = ""
    if target and target not in known:
        reason = f"there is no site {target!r}; there are: {', '.join(known)}"
    elif target in lost:
        reason = f"site {target} is down: {evidence_of_loss(seen, target)}"
    elif action.kind is ActionKind.FAILBACK and plan.home in lost:
        reason = f"home {plan.home} is down: {evidence_of_loss(seen, plan.home)}"
    elif target and target not in (plan.home, *plan.standbys):
        reason = f"plan {plan.name} names only {', '.join((plan.home, *plan.standbys))}"
    elif not steps and not moves_of(estate, plan, action, seen).unplaced:
        reason = f"nothing to do: plan {plan.name} is already where it should be"
    return Refuse(reason) if reason else None


def _rivalled(plan: RecoveryPlan, action: Action, others: tuple[Action, ...]) -> Refuse | None:
    running = _running(plan, action, others)
    if running is None:
        return None
    return Refuse(f"{running.name} ({running.kind.value}) is running for plan {plan.name}")


def _running(plan: RecoveryPlan, action: Action, others: tuple[Action, ...]) -> Action | None:
    """An unfinished action of the same plan that came first; the earlier one goes on."""
    rivals = (
        other
        for other in others
        if other.plan == plan.name and other.name != action.name and other.phase not in TERMINAL
    )
    mine = (not action.records, action.requested_at, action.name)
    first = (each for each in rivals if (not each.records, each.requested_at, each.name) < mine)
    return next(first, None)


def _unplaced(estate: Estate, plan: RecoveryPlan, action: Action, seen: Seen) -> Block | None:
    unplaced = moves_of(estate, plan, action, seen).unplaced
    if not unplaced:
        return None
    told = "; ".join(f"{name}: {why}" for name, why in unplaced.items())
    return Block(
        f"没有站点能承接：{told}",
        f"no site may take: {told}",
        "free capacity or declare another standby, then the action goes on by itself",
    )


def _unsafe(estate: Estate, plan: RecoveryPlan, action: Action, seen: Seen) -> Block | None:
    """Loss above the declared RPO, or loss that nobody can state (I2)."""
    move = moves_of(estate, plan, action, seen).database
    if move is None or action.kind is not ActionKind.FAILOVER or action.accept_loss:
        return None
    known = database_seen(seen, move.name)
    rpo = plan.rpo.total_seconds()
    if known is None:
        return _block(move.name, "unknown", rpo)
    if estate.database(move.name).replication is Replication.SYNCHRONOUS and move.candidates:
        return None
    if known.lag_seconds is None:
        return _block(move.name, "unknown", rpo)
    if known.lag_seconds > rpo or not rpo:
        return _block(move.name, f"{known.lag_seconds:.1f} s", rpo)
    return None


def _block(database: str, lag: str, rpo: float) -> Block:
    return Block(
        f"{database} 的备库落后 {lag}，超过声明的 RPO {rpo:.0f} s，且没有同步候选",
        f"the standby of {database} lags {lag}, declared RPO is {rpo:.0f} s, "
        "and there is no synchronous candidate",
        "wait until it has caught up, or accept the loss by name: --accept-loss --reason",
    )


def _records(steps: tuple[Step, ...], action: Action) -> dict[str, StepRecord]:
    known = {record.id: record for record in action.records}
    return {
        step.id: known.get(step.id, StepRecord(step.id, StepState.WAITING, site=step.site))
        for step in steps
    }


def _moved_on(
    steps: tuple[Step, ...], records: dict[str, StepRecord], seen: Seen, now: float
) -> dict[str, StepRecord]:
    """Records with needless steps skipped and every step intended whose turn has come."""
    for step in steps:
        record = records[step.id]
        why = "" if record.state in OVER else _needless(step, steps, records, seen)
        if why:
            records[step.id] = replace(record, state=StepState.SKIPPED, ended=now, detail=why)
        elif record.state is StepState.WAITING and _turn(step, steps, records, seen):
            records[step.id] = replace(record, state=StepState.INTENDED, started=now)
    return records


def _needless(
    step: Step, steps: tuple[Step, ...], records: Mapping[str, StepRecord], seen: Seen
) -> str:
    expired = _is_done(StepKind.EXPIRE, steps, records)
    if step.kind is StepKind.FENCE and step.subject in seen.fence_refused:
        return "its BMC does not answer"
    if step.kind is StepKind.FENCE and expired:
        return "the lease expired without it"
    if step.kind is StepKind.WITHDRAW and expired and records[step.id].started is None:
        return "the lease expired without it"
    if step.kind is StepKind.CONSENSUS and expired:
        return "the lease expired after a fence"
    if step.kind is StepKind.EXPIRE and _is_done(StepKind.CONSENSUS, steps, records):
        return "consensus has chosen already"
    return ""


def _turn(
    step: Step, steps: tuple[Step, ...], records: Mapping[str, StepRecord], seen: Seen
) -> bool:
    if any(records[before].state not in OVER for before in step.after):
        return False
    return _may_be_taken(step, steps, seen)


def _may_be_taken(step: Step, steps: tuple[Step, ...], seen: Seen) -> bool:
    """The guard of I1: a lease is expired only on what is verified at this very moment."""
    if step.kind is not StepKind.EXPIRE:
        return True
    fenced = {each.subject for each in steps if each.kind is StepKind.FENCE} & seen.fenced
    candidates = {each.subject for each in steps if each.kind is StepKind.WITHDRAW}
    known = database_seen(seen, step.subject)
    named = set(known.synchronous) if known else set()
    withdrawn = bool(candidates) and candidates | named <= seen.withdrawn
    return bool(fenced) or withdrawn


def _is_done(kind: StepKind, steps: tuple[Step, ...], records: Mapping[str, StepRecord]) -> bool:
    mine = [step for step in steps if step.kind is kind]
    return bool(mine) and all(records[step.id].state is StepState.DONE for step in mine)


def _waiting_for(steps: tuple[Step, ...], records: Mapping[str, StepRecord], seen: Seen) -> str:
    for step in steps:
        if step.kind is StepKind.EXPIRE and not _may_be_taken(step, steps, seen):
            return "waiting for a verified fence or withdrawal before the lease may expire"
    unfinished = next(step.id for step in steps if records[step.id].state not in OVER)
    return f"waiting for {unfinished}"
