"""May this action exist, and must one begin by itself: who may start what.

A person may ask for anything that makes sense; the operators begin a failover only
under invariant I5. Two actions must never pull the same plan, or the same
database, in two directions: the one that was first goes on, the other is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hospital.detection import database_seen, evidence_of_loss, lost_hosts, lost_sites
from hospital.estate import Estate, Mode, RecoveryPlan
from hospital.steps import PLANNED, active_sites, compile_steps, target_site
from hospital.story import Action, ActionKind, ActionPhase, Seen, StepKind, StepState

ENDED = frozenset({ActionPhase.COMPLETED, ActionPhase.REFUSED, ActionPhase.FAILED})

QUIET_AFTER_FAILURE_SECONDS = 60.0
"""After an automatic action was refused or failed, so long nothing automatic of that plan.

Long enough for a person to read what happened; a site that is really lost stays lost.
"""


def judge(estate: Estate, action: Action, *, seen: Seen, others: Iterable[Action] = ()) -> str:
    """Why ``action`` makes no sense, for the person who asked; "" if it does.

    An action that has begun is never refused: a half-done story must be told to its end.
    """
    if any(record.state is not StepState.WAITING for record in action.records):
        return ""
    names = [plan.name for plan in estate.plans]
    if action.plan not in names:
        return f"there is no plan {action.plan!r}; there are: {', '.join(names)}"
    plan = estate.plan(action.plan)
    held = dict(seen.held)
    if plan.workloads and not plan.database and all(name in held for name in plan.workloads):
        told = ", ".join(f"{name} by {held[name]}" for name in plan.workloads)
        return f"all that it would move is held: {told}; finalize or roll back first"
    return _wrong_target(estate, plan, action, seen) or conflict(estate, action, others)


def _wrong_target(estate: Estate, plan: RecoveryPlan, action: Action, seen: Seen) -> str:
    places = (plan.home, *plan.standbys)
    if action.target and action.target not in places:
        return f"{action.target!r} is no site of plan {plan.name}; it has: {', '.join(places)}"
    if action.kind is ActionKind.FAILBACK and action.target not in ("", plan.home):
        return f"a failback goes to the home {plan.home}; ask for a switchover to {action.target}"
    target = target_site(plan, action) if action.kind in PLANNED else action.target
    if target and target in lost_sites(seen):
        return f"{target} is down: {evidence_of_loss(seen, target)}"
    return ""


def conflict(estate: Estate, action: Action, others: Iterable[Action]) -> str:
    """Which other action keeps ``action`` from being taken; "" if none does.

    An older action wins, unless it is blocked and has done nothing yet: then a newer one
    takes its place, so that a person can accept what blocked it.
    """
    for other in others:
        if other.name == action.name or other.phase in ENDED:
            continue
        if not _touch(estate, action.plan, other.plan):
            continue
        older = (other.requested_at, other.name) < (action.requested_at, action.name)
        if older and not _blocked_untouched(other):
            return f"{other.name} ({other.kind} of {other.plan}) is under way: wait for its end"
        if not older and _blocked_untouched(action):
            return f"superseded by {other.name}, asked for by {other.requested_by}"
    return ""


def _touch(estate: Estate, one: str, other: str) -> bool:
    """Whether two plans are the same or move the same database."""
    if one == other:
        return True
    databases = [plan.database for plan in estate.plans if plan.name in (one, other)]
    return len(databases) == 2 and databases[0] != "" and databases[0] == databases[1]


def _blocked_untouched(action: Action) -> bool:
    return action.phase is ActionPhase.BLOCKED and all(
        record.state is StepState.WAITING for record in action.records
    )


def propose(
    estate: Estate,
    active: Mapping[str, str],
    seen: Seen,
    actions: Iterable[Action],
    now: float,
    *,
    by: str = "operator",
) -> Action | None:
    """The failover that must begin now by itself, the most urgent plan first; None if none.

    ``active`` maps workloads to the sites where they run, ``now`` is epoch seconds,
    ``by`` names the proposing operator (``operator/<site>``). What a migration holds
    (``seen.held``) is no reason to begin anything.
    """
    if not seen.quorum:
        return None
    known = tuple(actions)
    places = tuple((name, site) for name, site in active.items() if "/" not in name)
    seen = replace(seen, active=places)
    for plan in sorted(estate.plans, key=lambda each: (each.rto, each.name)):
        if plan.mode is not Mode.AUTOMATIC or _busy(estate, plan, known, now):
            continue
        reason = _loss(estate, plan, seen)
        if not reason:
            continue
        action = Action(
            name=f"{plan.name}-failover-{int(now * 1000)}",
            plan=plan.name,
            kind=ActionKind.FAILOVER,
            target="",
            reason=reason,
            requested_by=by,
            requested_at=now,
        )
        if _worth_it(estate, plan, action, seen):
            return action
    return None


def _busy(estate: Estate, plan: RecoveryPlan, actions: Iterable[Action], now: float) -> bool:
    for action in actions:
        if not _touch(estate, plan.name, action.plan):
            continue
        if action.phase not in ENDED:
            return True
        failed = action.phase is not ActionPhase.COMPLETED
        automatic = action.requested_by.startswith("operator")
        if failed and automatic and now - action.requested_at < QUIET_AFTER_FAILURE_SECONDS:
            return True
    return False


def _loss(estate: Estate, plan: RecoveryPlan, seen: Seen) -> str:
    """What this plan has lost, as the reason of an action; "" if nothing."""
    gone = lost_sites(seen)
    active = active_sites(estate, seen)
    held = dict(seen.held)
    hit = sorted({active[name] for name in plan.workloads if name not in held} & gone)
    if hit:
        return "; ".join(evidence_of_loss(seen, site) for site in hit)
    known = database_seen(seen, plan.database) if plan.database else None
    if known and known.leader in lost_hosts(estate, seen):
        return f"primary host {known.leader} of {plan.database} is silent to all observers"
    return ""


def _worth_it(estate: Estate, plan: RecoveryPlan, action: Action, seen: Seen) -> bool:
    """Whether the story would do anything: a workload that no site may take stays lost."""
    steps = compile_steps(estate, plan, action, seen)
    return any(
        step.kind in (StepKind.EXPIRE, StepKind.CONSENSUS)
        or (step.kind is StepKind.READY and step.site)
        for step in steps
    )
