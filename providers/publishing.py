"""Publications, slots and subscriptions of a move: made, looked at and removed, nothing twice.

A publication names its tables one by one: a table that is made later is not in it, so that it
cannot break the workload by having no identity, and shows as a difference between the ends. A slot
is never left behind by a failure, since it keeps write-ahead log for as long as it is there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from hospital.errors import RefusedError, UnavailableError, UnsafeError
from hospital.stream import Move
from providers.copying import PURPOSE, tables
from providers.logical_sql import OLDEST, SLOT, SUBSCRIPTION
from providers.patroni import sql_answers
from providers.sessions import Connection, Credentials, Door, Place

SLOT_PATIENCE_SECONDS = 60.0  # it waits for every transaction of the cluster that is under way
SLOT_FREE_SECONDS = 10.0  # until whoever reads from it has let go


def publish(door: Door, move: Move) -> None:
    """A publication of every table that is there now; one of the same tables stays.

    UnsafeError for tables without identity: their rows could no longer be changed by anybody.
    """
    with door.kept() as connection, connection.transaction():
        found = [table for table in tables(connection) if not table.unlogged]
        if without := [table.name for table in found if not table.identity]:
            raise UnsafeError(
                f"{door.place}: tables without identity: {', '.join(without)}",
                remedy="give each a primary key, or ALTER TABLE … REPLICA IDENTITY FULL",
            )
        if {table.name for table in found} == _published(connection, move):
            return
        _as_owner(connection)
        name = sql.Identifier(move.label)
        connection.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(name))
        wanted = ", ".join(table.name for table in found)
        of = f" FOR TABLE {wanted}" if wanted else ""
        connection.execute(f'CREATE PUBLICATION "{move.label}"{of}'.encode())


def _published(connection: Connection, move: Move) -> set[str] | None:
    """The tables of the publication; None if there is none."""
    query = """
    SELECT array_remove(array_agg(prrelid::regclass::text), NULL)
      FROM pg_publication p LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid
     WHERE pubname = %s GROUP BY p.oid
    """
    row = connection.execute(query.encode(), [move.label]).fetchone()
    return set(row[0]) if row else None


def unpublish(door: Door, move: Move) -> list[str]:
    """Remove it; what was removed."""
    query = "SELECT pubname FROM pg_publication WHERE pubname = %s"
    if not door.ask(query, [move.label]):
        return []
    with door.kept() as connection, connection.transaction():
        _as_owner(connection)
        connection.execute(f'DROP PUBLICATION IF EXISTS "{move.label}"'.encode())
    return [f"publication {move.label}"]


@contextmanager
def slot_with_snapshot(door: Door, move: Move) -> Iterator[str]:
    """A new slot, and the name of the snapshot that ends where it begins.

    The snapshot is good within the block; a slot whose block fails is dropped.
    """
    with door.connect("slot", replication="database") as connection:
        snapshot = _create_slot(door, connection, move)
        try:
            yield snapshot
        except BaseException:
            connection.close()
            _drop_quietly(door, move)
            raise


@contextmanager
def snapshot(door: Door) -> Iterator[str]:
    """A snapshot of a database, good within the block."""
    with door.connect("snapshot") as connection, sql_answers(str(door.place)):
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield str(row[0]) if row else ""


def make_slot(door: Door, move: Move) -> None:
    """A slot from now on; one that is there stays, one that was lost is made anew."""
    status = slot_status(door, move)
    if status == "lost":
        drop_slot(door, move)
    elif status:
        return
    query = "SELECT pg_create_logical_replication_slot(%s, 'pgoutput')"
    with door.connect("slot") as connection, sql_answers(str(door.place)):
        connection.execute(f"SET statement_timeout = '{SLOT_PATIENCE_SECONDS:.0f}s'".encode())
        try:
            connection.execute(query, [move.label])
        except psycopg.errors.QueryCanceled as error:
            raise UnavailableError(str(door.place), _waits_for(door)) from error


def slot_from_here(door: Door, move: Move) -> None:
    """A slot that begins where the log ends now; one that was made ahead is moved up.

    Without this the other end would be sent what came from there.
    """
    make_slot(door, move)
    door.ask("SELECT pg_replication_slot_advance(%s, pg_current_wal_flush_lsn())", [move.label])


def slot_status(door: Door, move: Move) -> str:
    """``wal_status`` of the slot, "" if there is none."""
    rows = door.ask(SLOT, [move.label])
    return str(rows[0][2] or "lost") if rows else ""


def confirmed(door: Door, move: Move) -> int | None:
    """Up to where the other end has everything on disk, in bytes; None without a slot."""
    rows = door.ask(SLOT, [move.label])
    return int(rows[0][0]) if rows and rows[0][0] is not None else None


def flush(door: Door) -> None:
    """Everything that has been committed here is on this disk; a little goes to who follows.

    A subscriber commits without waiting for its disk and looks five times a second whether its log
    writer has been there (``wal_writer_delay``). A pause should not wait for that: this takes the
    subscriber's log to disk, and at the other end gives it something to answer.
    """
    door.ask(
        "SELECT set_config('synchronous_commit', 'local', true), "
        "pg_logical_emit_message(true, 'xinglin', '')"
    )


def drop_slot(door: Door, move: Move) -> list[str]:
    """Remove it once nobody reads from it; what was removed."""
    for attempt in Retrying(
        stop=stop_after_delay(SLOT_FREE_SECONDS),
        wait=wait_fixed(0.1),
        retry=retry_if_exception_type(UnavailableError),
        reraise=True,
    ):
        with attempt:
            query = "SELECT active_pid FROM pg_replication_slots WHERE slot_name = %s"
            rows = door.ask(query, [move.label])
            if not rows:
                return []
            if rows[0][0] is not None:
                door.ask("SELECT pg_terminate_backend(%s)", [rows[0][0]])
            door.ask("SELECT pg_drop_replication_slot(%s)", [move.label])
    return [f"slot {move.label}"]


def subscribe(door: Door, source: Place, credentials: Credentials, move: Move) -> None:
    """Receive at ``door`` from the slot of ``source``; one that is there is enabled."""
    door.ask(
        "SELECT xinglin_migration.subscribe(%s, %s, %s, %s, %s)",
        [move.label, source.hosts, source.ports, credentials.server_authority,
         credentials.password],
    )  # fmt: skip


def unsubscribe(door: Door, move: Move) -> list[str]:
    """Remove it; what was removed. Its slot stays."""
    if not door.ask(SUBSCRIPTION, [move.label]):
        return []
    door.ask("SELECT xinglin_migration.unsubscribe(%s)", [move.label])
    return [f"subscription {move.label}"]


def end_copiers(door: Door) -> None:
    """End what a copier that was killed left running here."""
    door.ask(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE usename = 'xinglin_migration' AND datname = current_database() "
        "AND application_name = %s",
        [f"xinglin {PURPOSE}"],
    )


def _create_slot(door: Door, connection: Connection, move: Move) -> str:
    cancel = threading.Timer(SLOT_PATIENCE_SECONDS, connection.cancel)
    cancel.start()
    command = f"CREATE_REPLICATION_SLOT \"{move.label}\" LOGICAL pgoutput (SNAPSHOT 'export')"
    try:
        with sql_answers(str(door.place)):
            result = connection.pgconn.exec_(command.encode())
    finally:
        cancel.cancel()
    if result.status != psycopg.pq.ExecStatus.TUPLES_OK:
        said = result.error_message.decode(errors="replace").strip()
        if "cancel" in said:
            raise UnavailableError(str(door.place), _waits_for(door))
        raise RefusedError(str(door.place), said)
    return (result.get_value(0, 2) or b"").decode()


def _waits_for(door: Door) -> str:
    for pid, user, database, seconds in door.ask(OLDEST):
        return f"a slot waits for a transaction of {user} in {database} (pid {pid}, {seconds} s)"
    return "a slot could not be made in time"


def _drop_quietly(door: Door, move: Move) -> None:
    try:
        drop_slot(door, move)
    except (UnavailableError, RefusedError):
        return  # the copy's own error is told; the next copy drops it first


def _as_owner(connection: Connection) -> None:
    row = connection.execute("SELECT xinglin_migration.owner()").fetchone()
    owner = sql.Identifier(str(row[0]) if row else "")
    connection.execute(sql.SQL("SET LOCAL ROLE {}").format(owner))
