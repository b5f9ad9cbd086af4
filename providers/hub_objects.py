"""What all objects of the hub share: their API, and how a step's record is written in a status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hospital.story import StepRecord, StepState
from providers.kubernetes import Object

API_VERSION = "xinglin.dev/v1alpha1"
NAMESPACE = "xinglin"


def bare(kind: str, name: str) -> Object:
    """An object of ours without its spec."""
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}}


def record_of(step: Mapping[str, Any]) -> StepRecord:
    """A step's record from a status."""
    return StepRecord(
        id=step["id"],
        state=StepState(step["state"]),
        started=step.get("started"),
        ended=step.get("ended"),
        by=step.get("by", ""),
        detail=step.get("detail", ""),
        site=step.get("site", ""),
    )


def step_of(record: StepRecord) -> Object:
    """A step's record for a status."""
    kind, _, subject = record.id.partition("/")
    step = {
        "id": record.id,
        "kind": kind,
        "subject": subject,
        "site": record.site,
        "state": record.state.value,
        "started": record.started,
        "ended": record.ended,
        "by": record.by,
        "detail": record.detail,
    }
    return {key: value for key, value in step.items() if value is not None}
