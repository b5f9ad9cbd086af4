"""What the evidence says of one story: who, why, each step's times, measured times.

A pure value made from the action's records, so that any operator that finishes a story testifies
the same. What the operators measured is theirs; what a client measured is in the report.
"""

from __future__ import annotations

from typing import Any

from hospital.codec import encode
from hospital.story import Action, StepKind, StepState

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
