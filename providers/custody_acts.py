"""Who may write into a database: its owner's LOGIN taken away, verified, and given back.

A role without LOGIN whose sessions were ended cannot write, and no retry of a client changes that.
What must never happen: a fence that says "closed" while one session goes on, and both ends open.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from hospital.errors import UnavailableError, UnsafeError
from hospital.stream import Move
from providers.logical_sql import OPEN, OTHER_WRITERS, PREPARED
from providers.sessions import Door

PATIENCE_SECONDS = 10.0  # for sessions to end: rolling back a large change takes time
STARTING_SECONDS = 0.3  # for sessions that are just being let in, of any database
FILLED_MARK = "filled"  # this end holds a copy: how far it is
TURNED_MARK = "turned"  # this end feeds the other one: of which move
_FENCE_MARK = "fence"


def closed(door: Door) -> bool:
    """No login and no session."""
    ((login, sessions),) = door.ask(OPEN)
    return not login and not sessions


def opened(door: Door) -> bool:
    """Whether the workload's role may log in."""
    ((login, _),) = door.ask(OPEN)
    return bool(login)


def close(door: Door) -> str:
    """Take the login away and end every session; the position that holds all that was acknowledged.

    UnsafeError, before anything is done, where others could go on writing.
    """
    _nobody_else(door)
    door.ask("SELECT xinglin_migration.close_role()")
    began = time.monotonic()
    while left := door.one(
        "SELECT xinglin_migration.end_sessions(%s)", [time.monotonic() - began > STARTING_SECONDS]
    ):
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise UnavailableError(str(door.place), f"{left} sessions have not ended yet")
        time.sleep(0.01)
    _nothing_prepared(door)
    return _settled(door)


def fenced_at(door: Door) -> str | None:
    """The position at which ``close`` left this end, if it is fenced."""
    found = mark(door, _FENCE_MARK)
    return str(found) if found else None


def open_alone(door: Door, other: Door, move: Move, *, alone: bool) -> None:
    """Give the login back while nobody opens the other end.

    Both ends are held by a lock, in the order of their names, so that two who open different ends
    at the same time cannot both see the other closed. What is opened is no copy any more.
    """
    with _held(door, other, move, alone=alone) as answers:
        if answers and not closed(other):
            raise UnsafeError(
                f"{move.database} is open at {other.place.cluster}",
                remedy=f"fence it at {other.place.cluster} first",
            )
        forget(door, _FENCE_MARK, FILLED_MARK)
        door.ask("SELECT xinglin_migration.open_role()")


def mark(door: Door, name: str) -> object:
    """What a move remembers at this end under a name."""
    return door.one("SELECT value FROM xinglin_migration.marks WHERE name = %s", [name])


def remember(door: Door, name: str, value: object) -> None:
    """Remember it; on disk when this returns."""
    door.ask(
        "INSERT INTO xinglin_migration.marks VALUES (%s, %s) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, json.dumps(value)],
    )


def forget(door: Door, *names: str) -> None:
    """Forget them; what was never known is success."""
    door.ask("DELETE FROM xinglin_migration.marks WHERE name = ANY(%s)", [list(names)])


def _nobody_else(door: Door) -> None:
    _nothing_prepared(door)
    if others := [name for (name,) in door.ask(OTHER_WRITERS)]:
        raise UnsafeError(
            f"{door.place}: others may write into {door.database}: {', '.join(others)}",
            remedy="take their LOGIN or their rights away",
        )


def _nothing_prepared(door: Door) -> None:
    if prepared := [gid for (gid,) in door.ask(PREPARED)]:
        raise UnsafeError(
            f"{door.place}: transactions are prepared in {door.database}: {', '.join(prepared)}",
            remedy="COMMIT PREPARED or ROLLBACK PREPARED each",
        )


def _settled(door: Door) -> str:
    with door.kept() as connection:
        with connection.transaction():
            connection.execute("SET LOCAL synchronous_commit = local")
            connection.execute("SELECT pg_logical_emit_message(true, 'xinglin', 'fence')")
        row = connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
    found = str(row[0]) if row else ""
    remember(door, _FENCE_MARK, found)
    return found


@contextmanager
def _held(door: Door, other: Door, move: Move, *, alone: bool) -> Iterator[bool]:
    """Hold both ends; whether the other one answers."""
    with ExitStack() as stack:
        answers = True
        for each in sorted((door, other), key=lambda one: one.place.cluster):
            try:
                stack.enter_context(_lock(each, move))
            except UnavailableError:
                if each is door or not alone:
                    raise
                answers = False
        yield answers


@contextmanager
def _lock(door: Door, move: Move) -> Iterator[None]:
    """On the kept connection: a new one would make the pause longer."""
    name = [f"xinglin open {move.database}"]
    with door.kept() as connection:
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", name)
        yield  # the lock goes with the connection if anything fails
        connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)
