"""Carries by hand, while both ends are closed, what logical replication does not.

Sequences exactly as they stand, large objects that differ, unlogged tables, and materialized views
made anew. It is within the pause that clients feel, so each kind costs one question at each end.
"""

from __future__ import annotations

from psycopg import sql

from hospital.stream import Carried
from providers.copying import Copier, pieces, tables
from providers.logical_sql import LARGE_OBJECTS, MATERIALIZED_VIEWS, SEQUENCES
from providers.pace import Pace
from providers.publishing import snapshot
from providers.sessions import Door

_BLOCK = 8 << 20  # bytes of a large object at a time
_MANY = 500  # sequences in one question


def carry(source: Door, target: Door, *, owner: str) -> Carried:
    """Everything that does not flow; both ends are closed."""
    return Carried(
        sequences=_sequences(source, target),
        large_objects=_large_objects(source, target, owner),
        unlogged_tables=_unlogged(source, target),
        materialized_views=_refresh(target, owner),
    )


def _sequences(source: Door, target: Door) -> tuple[tuple[str, int, bool], ...]:
    names = [name for (name,) in source.ask(SEQUENCES)]
    found: list[tuple[str, int, bool]] = []
    for start in range(0, len(names), _MANY):
        parts = [
            f"SELECT {_literal(name)}, last_value, is_called FROM {name}"
            for name in names[start : start + _MANY]
        ]
        found += [(str(n), int(v), bool(c)) for n, v, c in source.ask(" UNION ALL ".join(parts))]
    if found:
        target.ask(
            "SELECT setval(name::regclass, value, called) "
            "FROM unnest(%s::text[], %s::bigint[], %s::boolean[]) AS wanted(name, value, called)",
            [list(each) for each in zip(*found, strict=True)],
        )
    return tuple(found)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _large_objects(source: Door, target: Door, owner: str) -> int:
    here, there = source.pairs(LARGE_OBJECTS), target.pairs(LARGE_OBJECTS)
    gone = [number for number in there if number not in here]
    changed = [number for number in here if here[number] != there.get(number)]
    with target.kept() as connection, connection.transaction():
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(owner)))
        for number in (*gone, *(number for number in changed if number in there)):
            connection.execute("SELECT lo_unlink(%s::oid)", [number])
        for number in changed:
            connection.execute("SELECT lo_create(%s::oid)", [number])
            at = 0
            while data := source.one("SELECT lo_get(%s::oid, %s, %s)", [number, at, _BLOCK]):
                connection.execute("SELECT lo_put(%s::oid, %s, %s)", [number, at, data])
                at += len(data)
    return len(gone) + len(changed)


def _unlogged(source: Door, target: Door) -> tuple[str, ...]:
    with source.kept() as connection:
        found = [table for table in tables(connection) if table.unlogged]
    if found:
        target.ask("TRUNCATE " + ", ".join(table.name for table in found))
        with snapshot(source) as name:
            copier = Copier(
                source, target, snapshot=name, streams=2, pace=Pace(), tell=lambda _: None
            )
            copier.run(pieces(found, streams=2))
    return tuple(table.name for table in found)


def _refresh(target: Door, owner: str) -> tuple[str, ...]:
    names = tuple(str(name) for (name,) in target.ask(MATERIALIZED_VIEWS))
    if names:
        with target.kept() as connection, connection.transaction():
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(owner)))
            for name in names:
                connection.execute(f"REFRESH MATERIALIZED VIEW {name}".encode())
    return names
