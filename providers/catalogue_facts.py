"""Reads one end of a database for the prechecks: ``DatabaseFacts``, from the catalogue's queries.

Each question is asked by itself, so that one that is refused leaves its field None and the others
answered. What only the host knows (its memory, disks, C library) is given by whoever can see it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Architecture
from hospital.prechecks.database import (
    DatabaseFacts,
    ForeignTable,
    JobFacts,
    Leftovers,
    RoleFacts,
    TableFacts,
    TextIndex,
    TriggerFacts,
)
from providers import facts_sql as asked
from providers.custody_acts import FILLED_MARK, mark
from providers.sessions import Door

_SAMPLE_SECONDS = 0.5  # over which the write rate is measured
_ARCHITECTURES = {
    "x86_64": Architecture.AMD64,
    "aarch64": Architecture.ARM64,
    "loongarch64": Architecture.LOONG64,
}
_FIRES = {"O": "origin", "R": "replica", "A": "always", "D": "disabled"}


def facts(door: Door) -> DatabaseFacts:
    """Everything that can be read; of an end that does not let us in, at most that it lacks it."""
    try:
        door.ask("SELECT 1")
        return DatabaseFacts(
            **_server(door), **_replication(door), **_content(door), **_people(door)
        )
    except UnavailableError as error:
        return DatabaseFacts(exists=False if "does not exist" in str(error) else None)


def _tried(ask: Callable[[], Any]) -> Any:
    """The answer, or None where the server refuses the question."""
    try:
        return ask()
    except RefusedError:
        return None


def _one(door: Door, query: str) -> Any:
    return _tried(lambda: door.one(query))


def _names(door: Door, query: str) -> tuple[str, ...] | None:
    found = _tried(lambda: door.ask(query))
    return None if found is None else tuple(str(row[0]) for row in found)


def _rows(door: Door, query: str, make: Callable[..., Any]) -> tuple[Any, ...] | None:
    found = _tried(lambda: door.ask(query))
    return None if found is None else tuple(make(*row) for row in found)


def _mapped(door: Door, query: str) -> dict[str, Any]:
    """One row whose columns are called as the fields are; nothing where it is refused."""
    return dict(_one(door, f"SELECT to_jsonb(found) FROM ({query}) found") or {})


def _server(door: Door) -> dict[str, Any]:
    before = time.time()
    now = _one(door, "SELECT extract(epoch FROM clock_timestamp())::float8")
    after = time.time()
    machine = str(_one(door, "SELECT version()") or "")
    architecture = next((arch for name, arch in _ARCHITECTURES.items() if name in machine), None)
    return {
        **_mapped(door, asked.SERVER),
        **_mapped(door, asked.LOCALE if _version(door) >= 150000 else asked.LOCALE_BEFORE_15),
        "exists": True,
        "cluster": _one(door, asked.IDENTIFIER),
        "architecture": architecture,
        "clock_seconds": None if now is None else now - (before + after) / 2,
        "icu": _one(door, asked.ICU),
        "text_indexes": _rows(door, asked.TEXT_INDEXES, TextIndex),
    }


def _version(door: Door) -> int:
    return int(door.one("SELECT current_setting('server_version_num')"))


def _replication(door: Door) -> dict[str, Any]:
    return {
        **_mapped(door, asked.SLOTS_AND_WORKERS),
        "origins_max": _one(door, asked.ORIGINS_MAX),
        "write_bytes_per_second": _write_rate(door),
        "leftovers": _leftovers(door),
        "prepared_transactions": _one(door, asked.PREPARED),
        "longest_transaction_seconds": _one(door, asked.LONGEST),
    }


def _write_rate(door: Door) -> float | None:
    query = """SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
                      ELSE pg_current_wal_lsn() END - '0/0')::bigint"""
    began, first = time.monotonic(), _one(door, query)
    time.sleep(_SAMPLE_SECONDS)
    second, ended = _one(door, query), time.monotonic()
    if first is None or second is None:
        return None
    return float(second - first) / (ended - began)


def _leftovers(door: Door) -> Leftovers | None:
    found = [_names(door, query) for query in asked.LEFTOVERS]
    if any(names is None for names in found):
        return None
    publications, subscriptions, slots, databases, origins = (names or () for names in found)
    return Leftovers(publications, subscriptions, slots, databases, origins)


def _content(door: Door) -> dict[str, Any]:
    return {
        "size_bytes": _one(door, "SELECT pg_database_size(current_database())"),
        "tables": _rows(door, asked.TABLES, TableFacts),
        "tables_without_identity": _names(door, asked.WITHOUT_IDENTITY),
        "unlogged_tables": _names(door, asked.UNLOGGED),
        "generated_columns": _names(door, asked.GENERATED),
        "large_objects": _one(door, "SELECT count(*) FROM pg_largeobject_metadata"),
        "materialized_views": _names(door, asked.MATERIALIZED_VIEWS),
        "triggers": _rows(door, asked.TRIGGERS, _trigger),
        "rules": _names(door, asked.RULES),
        "event_triggers": _names(door, asked.EVENT_TRIGGERS),
        "sequences": _names(door, asked.SEQUENCES),
        "foreign_tables": _rows(door, asked.FOREIGN_TABLES, ForeignTable),
        "partitioned_tables": _names(door, asked.PARTITIONED),
        "types": _names(door, asked.TYPES),
        "row_security": _names(door, asked.ROW_SECURITY),
        "user_objects": 0 if _copied(door) else _one(door, asked.USER_OBJECTS),
        "largest_value_bytes": _largest_value(door),
    }


def _copied(door: Door) -> bool:
    """What it holds is only a copy, left by a migration of ours; the next one takes it away."""
    return bool(_tried(lambda: mark(door, FILLED_MARK)))


def _largest_value(door: Door) -> int | None:
    """Of the values that a column may store out of line, in a sample of the largest tables.

    None for a role that may not read them.
    """
    columns = _tried(lambda: door.ask(asked.LONG_COLUMNS))
    if columns is None:
        return None
    largest = 0
    for table, column, percent in columns:
        query = (
            f"SELECT max(octet_length({column}::text)) FROM {table} TABLESAMPLE SYSTEM ({percent})"
        )
        found = _tried(partial(door.ask, query))
        if found is None:
            return None
        largest = max(largest, int(found[0][0] or 0))
    return largest


def _people(door: Door) -> dict[str, Any]:
    extensions = _tried(lambda: door.pairs(asked.EXTENSIONS))
    available = _tried(lambda: door.pairs(asked.AVAILABLE))
    return {
        "jobs": _jobs(door, extensions or {}),
        "roles": _rows(door, asked.ROLES, _role),
        "grants": _one(door, asked.GRANTS),
        "extensions": extensions,
        "available_extensions": None
        if available is None
        else {name: tuple(versions) for name, versions in available.items()},
    }


def _trigger(name: str, table: str, fires: str) -> TriggerFacts:
    return TriggerFacts(name, table, _FIRES[fires])


def _role(name: str, superuser: bool, login: bool, member_of: list[str]) -> RoleFacts:
    return RoleFacts(name, superuser, login, tuple(member_of))


def _jobs(door: Door, extensions: dict[str, str]) -> tuple[JobFacts, ...] | None:
    schedulers = {"pg_cron": asked.PG_CRON, "pgagent": asked.PGAGENT}
    found: list[JobFacts] = []
    for scheduler in schedulers.keys() & extensions.keys():
        rows = _tried(partial(door.ask, schedulers[scheduler]))
        if rows is None:
            return None
        found += [JobFacts(str(n), str(when), scheduler, bool(on)) for n, when, on in rows]
    return tuple(found)
