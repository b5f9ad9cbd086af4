"""What the custom resource definition of Migration says.

What was asked for is evidence and never changes; an order may be given, and a later one after it,
overrides may be added. Who and why is required of each.
"""

from __future__ import annotations

from hospital.move import Act, Bounds, Method, Order, Override, Phase, Stream
from operators.crd_schema import AGE, Column, Kind, Schema, rules, schema_of, status, steps, string

_LONGEST_NAME = 40  # it is part of names of slots, of which PostgreSQL keeps 63 characters
_KEPT = (
    "workload", "from", "to", "method", "database", "reason", "requestedBy", "requestedAt",
    "bounds",
)  # fmt: skip


def migration_kind() -> Kind:
    """The kind."""
    return Kind(
        name="Migration",
        plural="migrations",
        short="xmig",
        description="One workload on its way to another site, with a way back until it is final.",
        spec=_spec(),
        status=_status(),
        columns=(
            Column("Workload", ".spec.workload"),
            Column("From", ".spec.from"),
            Column("To", ".spec.to"),
            Column("Method", ".spec.method"),
            Column("Phase", ".status.phase"),
            Column("Lag", ".status.lagSeconds", type="number"),
            AGE,
            Column("By", ".spec.requestedBy", wide=True),
            Column("Message", ".status.message"),
        ),
        rules=(
            (
                f"self.metadata.name.size() <= {_LONGEST_NAME}",
                f"the name of a migration has at most {_LONGEST_NAME} characters",
            ),
        ),
    )


def _label(description: str = "") -> Schema:
    return string(description) | {"minLength": 1, "maxLength": 63}


def _said(description: str = "") -> Schema:
    return string(description) | {"minLength": 1, "maxLength": 1024}


def _spec() -> Schema:
    seconds: Schema = {"type": "number", "description": "Seconds since the epoch."}
    order, override = schema_of(Order), schema_of(Override)
    for schema in (order, override):
        schema["properties"] |= {"by": _label() | {"maxLength": 253}, "reason": _said()}
    override["properties"]["check"] = _label()
    bounds = schema_of(Bounds)
    for each in bounds["properties"].values():
        each["minimum"] = 0
    properties: dict[str, Schema] = {
        "workload": _label(),
        "from": _label("Site where it runs."),
        "to": _label("Site where it is to live."),
        "method": string(enum=list(Method)),
        "database": {
            **string("Cluster that holds its data at the target."),
            "maxLength": 63,
        },
        "reason": _said(),
        "requestedBy": {"type": "string", "minLength": 1, "maxLength": 253},
        "requestedAt": seconds,
        "bounds": bounds,
        "overrides": {"type": "array", "items": override, "maxItems": 64},
        "order": order,
    }
    kept = " && ".join(f"{_same(name)}" for name in _KEPT)
    checks = rules(
        ("self.from != self.to", "it runs there already"),
        (kept, "what was asked for is evidence and cannot be changed: ask anew"),
        (
            "!has(oldSelf.order) || (has(self.order) && self.order.at >= oldSelf.order.at)",
            "a later order was given",
        ),
        (
            "!has(oldSelf.order) || self.order.at > oldSelf.order.at"
            " || self.order == oldSelf.order",
            "an order that was given cannot be changed: give another",
        ),
        (
            "!has(oldSelf.overrides) || (has(self.overrides) && "
            "oldSelf.overrides.all(each, each in self.overrides))",
            "an override that was given is evidence and stays",
        ),
        (
            "!has(self.order) || !has(self.order.acceptLoss) || !self.order.acceptLoss"
            " || self.order.verb == 'rollback'",
            "only a rollback may lose anything",
        ),
    )
    required = ["workload", "from", "to", "method", "reason", "requestedBy"]
    return {"type": "object", "properties": properties, "required": required, **checks}


def _same(name: str) -> str:
    if name in ("workload", "from", "to", "method", "reason", "requestedBy"):
        return f"self.{name} == oldSelf.{name}"
    return (
        f"has(self.{name}) == has(oldSelf.{name})"
        f" && (!has(self.{name}) || self.{name} == oldSelf.{name})"
    )


def _status() -> Schema:
    number: Schema = {"type": "number"}
    whole: Schema = {"type": "integer", "format": "int64"}
    free: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    rehearsal: Schema = {
        "type": "object",
        "properties": {
            "passed": {"type": "boolean"},
            "at": number | {"description": "Seconds since the epoch."},
            "summary": string(),
            "report": free | {"description": "hospital.rehearsal.Comparison"},
        },
    }
    return status(
        phase=string(enum=list(Phase)),
        since=number | {"description": "Seconds since the epoch at which the phase was entered."},
        message=string(),
        blocked={"type": "boolean", "description": "It waits for a person, or for the world."},
        obeyed=number | {"description": "Of the last order that was taken up or turned down."},
        failing={"type": "array", "items": string(), "maxItems": 256},
        checks={"type": "array", "items": free, "maxItems": 256},
        rehearsal=rehearsal,
        steps=steps(Act),
        stream=string(enum=list(Stream)),
        lagSeconds=number,
        lagBytes=whole,
        retainedBytes=whole | {"description": "Of write-ahead log kept for the stream."},
        sourceOpen={"type": "boolean", "description": "The workload may write at the source."},
        targetOpen={"type": "boolean", "description": "The workload may write at the target."},
    )
