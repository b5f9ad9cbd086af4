"""The facts that a desk can see for a plan: declaration, hub, and the sites' clusters.

With the weakest identity that suffices (``sre`` reads, and enters no host and no database). What
does not answer, or may not be read from here, stays None: unknown, never good.
"""

from __future__ import annotations

import time
from contextlib import suppress

from console.desk import Desk
from hospital.errors import HospitalError
from hospital.estate import Architecture, Estate, RecoveryPlan
from hospital.kinds import Misread, cpu
from hospital.migration import TERMINAL
from hospital.prechecks.facts import Facts, NodeFacts
from hospital.proposal import Proposal
from hospital.story import ActionPhase
from providers.kubernetes import Object
from providers.objects import SIMULATED
from providers.ports import HubStore

_OVER = frozenset({ActionPhase.REFUSED, ActionPhase.FAILED, ActionPhase.COMPLETED})
_UNITS = {"Ki": 1 / 1024, "Mi": 1, "Gi": 1024, "Ti": 1024 * 1024}


def facts_of(desk: Desk, estate: Estate, move: Proposal) -> Facts:
    """What can be seen of a move now."""
    hub = desk.hub()
    return Facts(
        estate=estate,
        workload=estate.workload(move.workload),
        source_site=move.source,
        target_site=move.target,
        method=move.method,
        now=time.time(),
        target_database=move.database,
        nodes=_nodes(desk, (move.source, move.target)),
        active={name: site for name, site in hub.active_sites().items() if "/" not in name},
        recovery_actions=_recoveries(hub, estate, move),
        migrations=tuple(
            each.name
            for each in hub.migrations()
            if each.workload == move.workload and each.phase not in TERMINAL
        ),
    )


def _recoveries(hub: HubStore, estate: Estate, move: Proposal) -> tuple[str, ...]:
    """Unfinished actions of its plan or its database."""
    plans = {plan.name for plan in estate.plans if _concerns(plan, estate, move)}
    return tuple(
        each.name for each in hub.actions() if each.plan in plans and each.phase not in _OVER
    )


def _concerns(plan: RecoveryPlan, estate: Estate, move: Proposal) -> bool:
    databases = {estate.workload(move.workload).database, move.database} - {""}
    return move.workload in plan.workloads or plan.database in databases


def _nodes(desk: Desk, sites: tuple[str, ...]) -> tuple[NodeFacts, ...] | None:
    """The nodes of these sites; None if one of them does not answer."""
    with suppress(HospitalError):
        return tuple(_node(site, item) for site in sites for item in desk.nodes(site))
    return None


def _node(site: str, item: Object) -> NodeFacts:
    status = item.get("status", {})
    told, room = status.get("nodeInfo", {}), status.get("allocatable", {})
    conditions = {each["type"]: each["status"] for each in status.get("conditions", ())}
    return NodeFacts(
        site=site,
        name=item["metadata"]["name"],
        architecture=Architecture(told.get("architecture") or Architecture.AMD64),
        ready=conditions.get("Ready") == "True",
        kernel=told.get("kernelVersion") or None,
        millicores=_millicores(room.get("cpu")),
        mebibytes=_mebibytes(room.get("memory")),
        simulated=SIMULATED in item["metadata"].get("labels", {}),
    )


def _millicores(said: str | None) -> int | None:
    with suppress(Misread):
        found: int = cpu().convert(said)
        return found
    return None


def _mebibytes(said: str | None) -> int | None:
    for unit, size in _UNITS.items():
        if said and said.endswith(unit):
            return int(float(said.removesuffix(unit)) * size)
    return None
