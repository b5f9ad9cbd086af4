"""Migrations in the hub: asked for, ordered, recorded by compare-and-swap on ``resourceVersion``.

An order is a write too, so an operator that decided without it loses the race and looks again. What
was asked for never changes; only orders and overrides are added, each with who and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hospital.codec import camel, decode, encode
from hospital.errors import RefusedError
from hospital.move import Bounds, Method, Migration, MoveSeen, Order, Override, Phase, Rehearsal
from hospital.rehearsal import Comparison
from providers.hub_objects import API_VERSION, bare, record_of, step_of
from providers.kubernetes import RECOVERY, Cluster, Object, Ref

KIND = "Migration"

_TOLD = ("stream", "lag_seconds", "lag_bytes", "retained_bytes", "source_open", "target_open")


class HubMigrations:
    """The part of ``HubStore`` that is about migrations."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._moved: dict[str, str] = {}  # migration → the resourceVersion we last saw

    def migrations(self) -> tuple[Migration, ...]:
        """All Migrations with their step records, oldest first."""
        found = []
        for item in self.cluster.items(API_VERSION, KIND):
            self._note(item)
            found.append(migration_of(item))
        return tuple(sorted(found, key=lambda each: (each.requested_at, each.name)))

    def create_migration(self, migration: Migration) -> None:
        """Ask for a migration; RefusedError if the name exists."""
        item = bare(KIND, migration.name) | {"spec": spec_of(migration)}
        self._note(self.cluster.create(item, field_manager=RECOVERY))

    def order(self, migration: str, order: Order) -> None:
        """Give an order; the API refuses one that is older than the last."""
        self._ask(migration, {"order": encode(order)})

    def override(self, migration: str, overrides: tuple[Override, ...]) -> None:
        """Take failing prechecks on, besides those taken on before."""
        known = self.cluster.get(Ref(API_VERSION, KIND, migration))
        if known is None:
            raise RefusedError(self.cluster.endpoint, f"there is no migration {migration}")
        before = known["spec"].get("overrides", [])
        patch = {
            "metadata": {"resourceVersion": known["metadata"]["resourceVersion"]},
            "spec": {"overrides": [*before, *encode(overrides)]},
        }
        self.cluster.merge(Ref(API_VERSION, KIND, migration), patch, field_manager=RECOVERY)

    def record_migration(
        self,
        migration: Migration,
        *,
        seen: MoveSeen | None = None,
        checks: tuple[Mapping[str, Any], ...] | None = None,
        comparison: Comparison | None = None,
    ) -> None:
        """Write where a migration stands; RefusedError if anybody wrote since it was read here."""
        if migration.name not in self._moved:
            message = f"migration {migration.name} was never read"
            raise RefusedError(self.cluster.endpoint, message)
        status = status_of(migration, seen=seen, checks=checks, comparison=comparison)
        patch = {
            "metadata": {"resourceVersion": self._moved[migration.name]},
            "status": status,
        }
        ref = Ref(API_VERSION, KIND, migration.name)
        self._note(self.cluster.merge(ref, patch, field_manager=RECOVERY, subresource="status"))

    def migration_status(self, migration: str) -> Mapping[str, Any]:
        """The status as plain data; empty if it is gone."""
        found = self.cluster.get(Ref(API_VERSION, KIND, migration))
        status: Mapping[str, Any] = (found or {}).get("status", {})
        return status

    def _ask(self, migration: str, spec: Object) -> None:
        ref = Ref(API_VERSION, KIND, migration)
        self.cluster.merge(ref, {"spec": spec}, field_manager=RECOVERY)

    def _note(self, item: Object) -> None:
        meta = item["metadata"]
        self._moved[meta["name"]] = meta["resourceVersion"]


def spec_of(migration: Migration) -> Object:
    """What is asked for, as the API keeps it."""
    spec: Object = {
        "workload": migration.workload,
        "from": migration.source,
        "to": migration.target,
        "method": migration.method.value,
        "database": migration.database,
        "reason": migration.reason,
        "requestedBy": migration.requested_by,
        "requestedAt": migration.requested_at,
        "bounds": encode(migration.bounds),
        "overrides": encode(migration.overrides),
    }
    return spec | ({"order": encode(migration.order)} if migration.order else {})


def status_of(
    migration: Migration,
    *,
    seen: MoveSeen | None = None,
    checks: tuple[Mapping[str, Any], ...] | None = None,
    comparison: Comparison | None = None,
) -> Object:
    """A merge patch of the status: what is None in it is taken out, what is absent stays."""
    status: Object = {
        "phase": migration.phase.value,
        "since": migration.since,
        "message": migration.message,
        "blocked": migration.blocked,
        "obeyed": migration.obeyed,
        "failing": list(migration.failing),
        "rehearsal": encode(migration.rehearsal),
        "steps": [step_of(record) for record in migration.records],
    }
    if checks is not None:
        status["checks"] = [dict(each) for each in checks]
    if comparison is not None and migration.rehearsal is not None:
        status["rehearsal"]["report"] = encode(comparison)
    if seen is not None:
        told = {name: getattr(seen, name) for name in _TOLD}
        status |= {camel(name): encode(value) for name, value in told.items()}
    return status


def migration_of(item: Object) -> Migration:
    """A Migration from the API's object."""
    spec, status = item["spec"], item.get("status", {})
    created = datetime.fromisoformat(item["metadata"]["creationTimestamp"])
    where = f"Migration/{item['metadata']['name']}"
    order, rehearsal = spec.get("order"), status.get("rehearsal")
    return Migration(
        name=item["metadata"]["name"],
        workload=spec["workload"],
        source=spec["from"],
        target=spec["to"],
        method=Method(spec["method"]),
        database=spec.get("database", ""),
        reason=spec["reason"],
        requested_by=spec["requestedBy"],
        requested_at=float(spec.get("requestedAt", created.timestamp())),
        bounds=decode(Bounds, spec.get("bounds", {}), where=where),
        overrides=tuple(decode(Override, each, where=where) for each in spec.get("overrides", ())),
        order=decode(Order, order, where=where) if order else None,
        phase=Phase(status.get("phase", Phase.PENDING)),
        since=float(status.get("since", 0.0)),
        message=status.get("message", ""),
        blocked=status.get("blocked", False),
        obeyed=float(status.get("obeyed", 0.0)),
        failing=tuple(status.get("failing", ())),
        rehearsal=decode(Rehearsal, rehearsal, where=where) if rehearsal else None,
        records=tuple(record_of(step) for step in status.get("steps", ())),
    )
