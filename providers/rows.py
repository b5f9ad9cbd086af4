"""Reads every row of a database cluster's member as a digest, to compare two members.

The digests are made by PostgreSQL itself, so no patient's data leaves the host. Read as the
workloads' own users: the superuser has no way in over the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import sql

from hospital.comparison import Comparison, Image, compare
from hospital.errors import UnavailableError
from hospital.estate import Host, Workload
from providers.access import Access
from providers.patroni import POSTGRESQL_PORT, sql_answers
from providers.postgres import patiently

REPLAYED_WITHIN = timedelta(seconds=20)

TABLES = """
SELECT c.relname, array_agg(a.attname ORDER BY array_position(i.indkey::int2[], a.attnum))
FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY c.relname
"""
_REPLAYED = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"


def compare_members(
    workloads: Iterable[Workload], first: Host, second: Host, access: Access
) -> Comparison:
    """Compare the rows of ``workloads`` at ``first``, their primary, with those at ``second``.

    UnavailableError when a member does not answer, or ``second`` does not catch up.
    """
    before: dict[tuple[str, str], str] = {}
    there: dict[tuple[str, str], str] = {}
    after: dict[tuple[str, str], str] = {}
    accounts = access.document("database.json")["workloads"]
    for account in [accounts[each.name] for each in workloads]:
        with (
            connected(first, account, access) as primary,
            connected(second, account, access) as standby,
        ):
            before |= _image(primary, account["user"])
            await_replay(primary, standby, second)
            there |= _image(standby, account["user"])
            after |= _image(primary, account["user"])
    return compare(before, there, after, names=(first.id, second.id))


@contextmanager
def connected(
    host: Host, account: dict[str, str], access: Access
) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """The database of one workload at one member; ``account`` is the workload's ``user`` and
    ``password``. UnavailableError when the member does not answer, also while it is used.
    """
    endpoint = f"PostgreSQL of {host.id} at {host.address}:{POSTGRESQL_PORT}"
    with (
        sql_answers(endpoint),
        psycopg.connect(
            host=host.address,
            port=POSTGRESQL_PORT,
            dbname=account["user"],
            user=account["user"],
            password=account["password"],
            sslmode="verify-full",
            sslrootcert=str(access.path("ca.crt")),
            connect_timeout=5,
            autocommit=True,
        ) as connection,
    ):
        yield connection


def _image(connection: psycopg.Connection[tuple[Any, ...]], database: str) -> Image:
    found: dict[tuple[str, str], str] = {}
    for table, keys in connection.execute(TABLES).fetchall():
        query = sql.SQL("SELECT ROW({})::text, md5(t::text) FROM {} t").format(
            sql.SQL(", ").join(map(sql.Identifier, keys)), sql.Identifier(table)
        )
        rows = connection.execute(query).fetchall()
        found |= {(f"{database}.{table}", str(key)): str(digest) for key, digest in rows}
    return found


def await_replay(
    primary: psycopg.Connection[tuple[Any, ...]],
    standby: psycopg.Connection[tuple[Any, ...]],
    host: Host,
) -> None:
    """Until the standby has replayed whatever the primary had written by now."""
    position = (primary.execute("SELECT pg_current_wal_lsn()::text").fetchone() or ("",))[0]

    for attempt in patiently(REPLAYED_WITHIN):
        with attempt:
            row = standby.execute(_REPLAYED, (position,)).fetchone()
            if not (row and row[0]):
                seconds = REPLAYED_WITHIN.total_seconds()
                raise UnavailableError(host.id, f"did not replay {position} within {seconds:.0f} s")
