"""Migrations in the hub of ``memory.py``, with its quorum and its compare-and-swap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hospital.codec import encode
from hospital.errors import RefusedError
from hospital.move import Migration, MoveSeen, Order, Override
from hospital.rehearsal import Comparison
from providers.memory_world import HubState, World


class MemoryMigrations:
    """The part of ``HubStore`` that is about migrations, as seen from one site."""

    _world: World
    _moved: dict[str, int]  # migration → version that this view read last

    def _state(self) -> HubState:
        """The hub; UnavailableError without quorum."""
        raise NotImplementedError

    def migrations(self) -> tuple[Migration, ...]:
        """All migrations, oldest first."""
        state = self._state()
        self._moved |= {name: version for name, (version, _) in state.migrations.items()}
        found = [migration for _, migration in state.migrations.values()]
        return tuple(sorted(found, key=lambda each: (each.requested_at, each.name)))

    def create_migration(self, migration: Migration) -> None:
        """Ask for a migration."""
        state = self._state()
        with self._world.lock:
            if migration.name in state.migrations:
                raise RefusedError("hub", f"migration {migration.name} exists")
            self._moved[migration.name] = self._put(state, migration)

    def order(self, migration: str, order: Order) -> None:
        """Give an order."""
        state = self._state()
        with self._world.lock:
            known = self._known(state, migration)
            if known.order is not None and order.at <= known.order.at:
                raise RefusedError("hub", "a later order was given")
            self._put(state, replace(known, order=order))

    def override(self, migration: str, overrides: tuple[Override, ...]) -> None:
        """Take failing prechecks on."""
        state = self._state()
        with self._world.lock:
            known = self._known(state, migration)
            self._put(state, replace(known, overrides=(*known.overrides, *overrides)))

    def record_migration(
        self,
        migration: Migration,
        *,
        seen: MoveSeen | None = None,
        checks: tuple[Mapping[str, Any], ...] | None = None,
        comparison: Comparison | None = None,
    ) -> None:
        """Write where it stands, if nobody else wrote since this view read it."""
        state = self._state()
        with self._world.lock:
            version, known = state.migrations.get(migration.name, (0, migration))
            if not version or self._moved.get(migration.name) != version:
                raise RefusedError("hub", f"migration {migration.name} was changed by another")
            after = replace(migration, order=known.order, overrides=known.overrides)
            self._moved[migration.name] = self._put(state, after)
            told = state.status.setdefault(("Migration", migration.name), {})
            if seen is not None:
                told |= {"stream": str(seen.stream), "lagSeconds": seen.lag_seconds}
            if checks is not None:
                told["checks"] = [dict(each) for each in checks]
            if comparison is not None:
                told["report"] = encode(comparison)

    def migration_status(self, migration: str) -> Mapping[str, Any]:
        """The status as plain data."""
        state = self._state()
        if migration not in state.migrations:
            return {}
        known = state.migrations[migration][1]
        told = dict(state.status.get(("Migration", migration), {}))
        report = told.pop("report", None)
        status = {
            "phase": known.phase.value,
            "since": known.since,
            "message": known.message,
            "blocked": known.blocked,
            "obeyed": known.obeyed,
            "failing": list(known.failing),
            "steps": encode(known.records),
        }
        if known.rehearsal is not None:
            more = {} if report is None else {"report": report}
            status["rehearsal"] = encode(known.rehearsal) | more
        return status | told

    def _known(self, state: HubState, migration: str) -> Migration:
        if migration not in state.migrations:
            raise RefusedError("hub", f"there is no migration {migration}")
        return state.migrations[migration][1]

    def _put(self, state: HubState, migration: Migration) -> int:
        state.version += 1
        state.migrations[migration.name] = (state.version, migration)
        return state.version
