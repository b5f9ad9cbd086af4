"""What the evidence says of one story: who, why, each step's times, measured times.

A pure value made from the action's records, so that any operator that finishes a story testifies
the same. What the operators measured is theirs; what a client measured is in the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hospital.codec import encode
from hospital.move import Act, Migration
from hospital.story import Action, StepKind, StepRecord, StepState

SERVES = frozenset({StepKind.PRIMARY, StepKind.READY, StepKind.NAME, StepKind.HANDOVER})
"""Steps whose end means that somebody is served again; the rest only clean up."""


def testimony(action: Action, *, now: float) -> dict[str, Any]:
    """The record of ``action``, JSON-compatible; times are seconds since the epoch."""
    return {
        "action": action.name,
        "plan": action.plan,
        "kind": action.kind.value,
        "target": action.target,
        "reason": action.reason,
        "requestedBy": action.requested_by,
        "requestedAt": action.requested_at,
        "acceptLoss": action.accept_loss,
        "recordedAt": now,
        "rtoSeconds": rto_seconds(action),
        "steps": [encode(record) for record in action.records],
    }


def rto_seconds(action: Action) -> float | None:
    """From the request to the end of the last step that serves; None before there is one."""
    ends = [
        record.ended
        for record in action.records
        if record.state is StepState.DONE
        and record.ended is not None
        and record.id.partition("/")[0] in SERVES
    ]
    return round(max(ends) - action.requested_at, 3) if ends else None


def of_migration(migration: Migration, *, now: float) -> dict[str, Any]:
    """The record of a whole migration, JSON-compatible; times are seconds since the epoch.

    Its name in the chain says what it is: a recovery may bear the same.
    """
    records = {record.id: record for record in migration.records}
    return {
        "action": f"migration/{migration.name}",
        "kind": "migration",
        "workload": migration.workload,
        "from": migration.source,
        "to": migration.target,
        "method": migration.method.value,
        "database": migration.database,
        "ends": migration.phase.value,
        "reason": migration.reason,
        "requestedBy": migration.requested_by,
        "requestedAt": migration.requested_at,
        "lastOrder": encode(migration.order),
        "overrides": encode(migration.overrides),
        "rehearsal": encode(migration.rehearsal),
        "recordedAt": now,
        "pauseSeconds": _between(records, Act.FENCE, Act.OPEN),
        "pauseBackSeconds": _between(records, Act.FENCE_BACK, Act.OPEN_BACK),
        "steps": [encode(record) for record in migration.records],
    }


def _between(records: Mapping[str, StepRecord], first: Act, last: Act) -> float | None:
    """From the beginning of one step to the end of another: while nobody could write."""
    begun, ended = records.get(first), records.get(last)
    if begun is None or ended is None or begun.started is None or ended.ended is None:
        return None
    return round(ended.ended - begun.started, 3)
