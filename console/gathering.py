"""The facts that a desk can see for a plan: declaration, hub, and the sites' clusters.

With the weakest identity that suffices (``sre`` reads, and enters no host and no database). What
does not answer, or may not be read from here, stays None: unknown, never good.
"""

from __future__ import annotations

import time
from contextlib import suppress

from console.desk import Desk
from hospital.custody import recovering
from hospital.errors import HospitalError
from hospital.estate import Architecture, Estate
from hospital.kinds import Misread, cpu
from hospital.migration import TERMINAL
from hospital.move import Migration
from hospital.prechecks.facts import Facts, NodeFacts
from hospital.proposal import Proposal
from providers.kubernetes import Object
from providers.objects import SIMULATED

_UNITS = {"Ki": 1 / 1024, "Mi": 1, "Gi": 1024, "Ti": 1024 * 1024}


def as_asked(move: Proposal) -> Migration:
    """The migration that a plan thinks through; it is never written."""
    return Migration(
        name="plan", workload=move.workload, source=move.source, target=move.target,
        method=move.method, database=move.database, reason="plan", requested_by="",
        requested_at=time.time(),
    )  # fmt: skip


def facts_of(desk: Desk, estate: Estate, move: Proposal) -> Facts:
    """What can be seen of a move now."""
    hub = desk.hub()
    recovery = recovering(estate, as_asked(move), hub.actions())
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
        recovery_actions=(recovery,) if recovery else (),
        migrations=tuple(
            each.name
            for each in hub.migrations()
            if each.workload == move.workload and each.phase not in TERMINAL
        ),
    )


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
