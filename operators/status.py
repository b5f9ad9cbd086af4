"""Every condition that operators write, in one place.

Pure: from what is declared, recorded and seen to the ``status`` of hub objects. A condition says
why in one CamelCase word for machines and one sentence for people; ``Unknown`` is said where
nobody could look, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from hospital.detection import lost_hosts, lost_sites
from hospital.estate import Estate, Mode, RecoveryPlan, Site, Workload
from hospital.story import Action, ActionPhase, Seen, WorkloadSeen

Status = dict[str, Any]

_RUNNING = frozenset({ActionPhase.PENDING, ActionPhase.RUNNING, ActionPhase.BLOCKED})


def condition(kind: str, holds: bool | None, reason: str, message: str) -> Status:
    """One condition; ``holds`` None means that nobody could look."""
    status = {True: "True", False: "False", None: "Unknown"}[holds]
    return {"type": kind, "status": status, "reason": reason, "message": message}


def stamped(status: Status, *, before: Status | None, today: float) -> Status:
    """``status`` with the time of each condition's last change of ``status``, kept if unchanged."""
    known = {each["type"]: each for each in (before or {}).get("conditions", ())}
    now = datetime.fromtimestamp(today, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    conditions = []
    for each in status.get("conditions", ()):
        old = known.get(each["type"])
        same = old is not None and old["status"] == each["status"]
        since = old["lastTransitionTime"] if same and old is not None else now
        conditions.append(each | {"lastTransitionTime": since})
    return status | {"conditions": conditions}


def site_status(site: Site, *, seen: Seen) -> Status:
    """Status of a Site: does it live, and who says so."""
    views = [each for each in seen.sites if each.site == site.name]
    reaching = sorted(each.observer for each in views if each.reachable)
    if site.name in lost_sites(seen):
        ready = condition("Ready", False, "Lost", "silent in the hub and to every other site")
    elif not views:
        ready = condition("Ready", None, "Unwatched", "no other site has looked yet")
    elif reaching:
        ready = condition("Ready", True, "Answers", f"reached by {', '.join(reaching)}")
    else:
        ready = condition("Ready", None, "Suspect", "does not answer probes; observers disagree")
    return {"observedBy": sorted(each.observer for each in views), "conditions": [ready]}


def workload_status(workload: Workload, *, active: str, seen: Iterable[WorkloadSeen]) -> Status:
    """Status of a Workload: where it runs and whether it is ready there."""
    here = next(
        (each for each in seen if (each.workload, each.site) == (workload.name, active)), None
    )
    if here is None:
        ready = condition("Ready", None, "Unseen", f"{active} does not answer")
        return {"conditions": [ready]}
    text = f"{here.ready} of {here.replicas} replicas ready at {active}"
    holds = here.ready > 0 and here.ready >= min(here.replicas, workload.replicas)
    ready = condition("Ready", holds, "Serving" if holds else "NotReady", text)
    return {"readyReplicas": here.ready, "conditions": [ready]}


def plan_status(
    estate: Estate,
    plan: RecoveryPlan,
    *,
    active: Mapping[str, str],
    seen: Seen,
    actions: Iterable[Action],
) -> Status:
    """Status of a RecoveryPlan: where its workloads are, and whether it could recover them now."""
    sites = sorted({active.get(name, plan.home) for name in plan.workloads})
    ready = _plan_ready(estate, plan, seen, actions)
    return {
        "activeSite": ", ".join(sites),
        "message": "" if ready["status"] == "True" else ready["message"],
        "conditions": [ready],
    }


def _plan_ready(
    estate: Estate, plan: RecoveryPlan, seen: Seen, actions: Iterable[Action]
) -> Status:
    running = next(
        (each for each in actions if each.plan == plan.name and each.phase in _RUNNING), None
    )
    if running is not None:
        text = f"{running.name}: {running.phase}: {running.message}".rstrip(": ")
        return condition("Ready", False, "Recovering", text)
    if not seen.quorum:
        return condition("Ready", False, "NoQuorum", "the hub takes no writes: nothing automatic")
    lost = sorted({plan.home, *plan.standbys} & lost_sites(seen))
    if lost:
        return condition("Ready", False, "SiteLost", f"lost: {', '.join(lost)}")
    gone = sorted(_members(estate, plan) & lost_hosts(estate, seen))
    if gone:
        return condition("Ready", False, "HostLost", f"database hosts lost: {', '.join(gone)}")
    if plan.mode is Mode.CONFIRM:
        return condition("Ready", True, "AwaitsConfirmation", "a person starts this plan")
    return condition("Ready", True, "Automatic", "recovers by itself")


def _members(estate: Estate, plan: RecoveryPlan) -> set[str]:
    return set(estate.database(plan.database).members) if plan.database else set()
