"""Reads a workload's rows at two members of its cluster, for the rehearsal of a physical move.

As the workload's own user, read only: a standby takes no write anyway, and the primary must not get
one from us. Rows come as digests, so that no patient's data leaves a host.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from hospital.errors import RefusedError
from hospital.estate import Estate, Host
from hospital.move import Migration
from providers.access import Access
from providers.acts import member_at
from providers.rows import TABLES, await_replay, connected

Connection = psycopg.Connection[tuple[Any, ...]]
Rows = dict[str, str]

ROUNDS = 5  # how often each table is read at a member, for its latency


class StandbyRows:
    """Both members, as one workload's user reads them."""

    def __init__(self, primary: Connection, standby: Connection, host: Host) -> None:
        self._members = {"primary": primary, "standby": standby}
        self._host = host

    def names(self) -> dict[str, tuple[str, ...]]:
        """Tables with the columns of their keys."""
        found = self._members["primary"].execute(TABLES).fetchall()
        return {str(table): tuple(keys) for table, keys in found}

    def read(self, member: str, table: str, keys: tuple[str, ...]) -> tuple[Rows, list[float]]:
        """Digest by key, and the seconds of each reading; the standby has caught up before."""
        if member == "standby":
            await_replay(self._members["primary"], self._members["standby"], self._host)
        query = sql.SQL("SELECT ROW({})::text, md5(t::text) FROM {} t").format(
            sql.SQL(", ").join(map(sql.Identifier, keys)), sql.Identifier(table)
        )
        took: list[float] = []
        rows: Rows = {}
        for number in range(ROUNDS):
            began = time.perf_counter()
            answer = self._members[member].execute(query).fetchall()
            took.append(time.perf_counter() - began)
            if not number:
                rows = {str(key): str(digest) for key, digest in answer}
        return rows, took


@contextmanager
def standby_rows(estate: Estate, migration: Migration, access: Access) -> Iterator[StandbyRows]:
    """The members at both sites; RefusedError where one site has none."""
    workload = estate.workload(migration.workload)
    database = estate.database(workload.database)
    source = member_at(estate, database, migration.source)
    target = member_at(estate, database, migration.target)
    if source is None or target is None:
        raise RefusedError(database.name, "has no member at one of the sites: nothing to compare")
    account = access.document("database.json")["workloads"][workload.name]
    with (
        connected(source, account, access) as primary,
        connected(target, account, access) as standby,
    ):
        primary.read_only = True
        yield StandbyRows(primary, standby, target)
