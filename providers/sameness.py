"""Compares a database at two ends, and an end's indexes with its tables.

Digests are made by the servers, so no patient's data leaves them but keys of rows that differ. A
table is compared by buckets of its rows first, and row by row only in buckets that differ.
Architecture and C library may differ: digests are of text in one fixed form, never of hashes of the
server's own. Another order of text is told, and is no error while every index is in order.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hospital.errors import RefusedError
from hospital.stream import TableSame, Verified
from providers.logical_sql import INDEXES, KEYS, TEXT_COLUMNS
from providers.sessions import Door

BUCKETS = 256
NAMED = 20  # keys of differing rows that are told
_SAMPLE = 500  # values of a column whose order is compared

_BUCKETED = """
SELECT bucket, count(*), sum(digest) FROM (
  SELECT ('x' || substr(md5(({key})::text), 1, 2))::bit(8)::int AS bucket,
         ('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint::numeric AS digest
    FROM ONLY {table} t
) rows GROUP BY bucket
"""
_ROWS = """
SELECT ({key})::text, md5(t::text) FROM ONLY {table} t
 WHERE ('x' || substr(md5(({key})::text), 1, 2))::bit(8)::int IN ({buckets})
"""


def verify(source: Door, target: Door) -> Verified:
    """Every table at both ends, every index at the target; nobody writes meanwhile."""
    keys = source.pairs(KEYS)
    with ThreadPoolExecutor(max_workers=2) as threads:
        same = tuple(_table(name, key, source, target, threads) for name, key in keys.items())
    checked, broken = _indexes(target)
    return Verified(same, checked, broken, _reordered(source, target))


def _table(
    name: str, key: str | None, source: Door, target: Door, threads: ThreadPoolExecutor
) -> TableSame:
    query = _BUCKETED.format(key=key or "t", table=name)
    here, there = (dict(found) for found in _both(query, source, target, threads))
    differing = [bucket for bucket in here | there if here.get(bucket) != there.get(bucket)]
    found: tuple[str, ...] = ()
    if differing:
        wanted = ", ".join(map(str, differing))
        query = _ROWS.format(key=key or "t", table=name, buckets=wanted)
        ours, theirs = (dict(rows) for rows in _both(query, source, target, threads))
        other = (
            row for row in sorted(ours.keys() | theirs.keys()) if ours.get(row) != theirs.get(row)
        )
        found = tuple(row for row, _ in zip(other, range(NAMED), strict=False))
    rows = (sum(count for count, _ in buckets.values()) for buckets in (here, there))
    return TableSame(name, next(rows), next(rows), found)


def _both(
    query: str, source: Door, target: Door, threads: ThreadPoolExecutor
) -> tuple[list[tuple[Any, Any]], list[tuple[Any, Any]]]:
    asked = [threads.submit(_each, door, query) for door in (source, target)]
    here, there = (each.result() for each in asked)
    return here, there


def _each(door: Door, query: str) -> list[tuple[Any, Any]]:
    return [(row[0], row[1:] if len(row) > 2 else row[1]) for row in door.ask(query)]


def _indexes(target: Door) -> tuple[int, tuple[str, ...]]:
    names = [name for (name,) in target.ask(INDEXES)]
    broken: list[str] = []
    for name in names:
        try:
            target.ask("SELECT xinglin_migration.check_index(%s::regclass)", [name])
        except RefusedError as error:
            broken.append(f"{name}: {error}")
    return len(names), tuple(broken)


def _reordered(source: Door, target: Door) -> tuple[str, ...]:
    """Columns with an index whose values the two ends put in another order."""
    found: list[str] = []
    for table, column in target.ask(TEXT_COLUMNS):
        values = [
            value
            for (value,) in target.ask(
                f"SELECT DISTINCT {column}::text FROM {table} "
                f"WHERE {column} IS NOT NULL LIMIT {_SAMPLE}"
            )
        ]
        query = 'SELECT array_agg(v ORDER BY v COLLATE "default") FROM unnest(%s::text[]) v'
        if source.one(query, [values]) != target.one(query, [values]):
            found.append(f"{table}.{column}")
    return tuple(found)
