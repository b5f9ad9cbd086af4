"""A client that writes a row every 15 ms to whoever is primary, and remembers what it was told.

It speaks to PostgreSQL directly, with no proxy, name or service between, so that what it measures
is the database's recovery alone. A row is acknowledged when the commit was answered without a
WARNING (a cancelled wait for the synchronous standby answers one, and the row can be gone). Every
acknowledgement is in the journal before the next row is written, so a client that burns with its
site leaves a true record. ``python -m bench.client MEMBERS`` with the password in ``PGPASSWORD``.
"""

from __future__ import annotations

import argparse
import itertools
import os
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

PACE_SECONDS = 0.015
RETRY_SECONDS = 0.1  # an application that tries harder keeps two cores from the recovery
LOOK_SECONDS = 0.2  # for one member to accept a connection before the next one is asked
SILENCE_MILLISECONDS = 500  # a peer that acknowledges no byte for this long is given up
TABLE = (
    "CREATE TABLE IF NOT EXISTS written (client text, number bigint, PRIMARY KEY (client, number))"
)
INSERT = "INSERT INTO written VALUES (%s, %s)"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A row that was promised: its number and the steady time at which the promise came."""

    number: int
    at: float
    member: str


class Client:
    """One writer; ``members`` are addresses, ``database`` is user and database."""

    def __init__(self, name: str, members: list[str], *, database: str, ca: Path) -> None:
        self._name = name
        self._members = members
        self._parameters = {
            "dbname": database,
            "user": database,
            "sslmode": "verify-full",
            "sslrootcert": str(ca),
            "connect_timeout": 2,
            "tcp_user_timeout": SILENCE_MILLISECONDS,
            "target_session_attrs": "read-write",
            "application_name": name,
        }
        self._warned = False

    def run(self, journal: int) -> None:
        """Write until killed; ``journal`` is a file descriptor that survives this process."""
        number = 0
        while True:
            for member in self._members:
                try:
                    number = self._write_to(member, number, journal)
                except (psycopg.Error, OSError):
                    time.sleep(RETRY_SECONDS)

    def _write_to(self, member: str, number: int, journal: int) -> int:
        """Write rows to one member for as long as it takes them; returns the last number tried."""
        socket.create_connection((member, 5432), LOOK_SECONDS).close()
        with psycopg.connect(host=member, autocommit=True, **self._parameters) as connection:  # type: ignore[arg-type]
            connection.add_notice_handler(self._warn)
            while True:
                number += 1
                due = time.monotonic() + PACE_SECONDS
                self._warned = False
                try:
                    connection.execute(INSERT, (self._name, number))
                except psycopg.errors.UndefinedTable:
                    connection.execute(TABLE)
                    continue
                except psycopg.Error:
                    return number
                if not self._warned:
                    os.write(journal, f"{number} {time.monotonic()!r} {member}\n".encode())
                time.sleep(max(0.0, due - time.monotonic()))

    def _warn(self, notice: psycopg.errors.Diagnostic) -> None:
        self._warned = self._warned or notice.severity_nonlocalized == "WARNING"


def read(journal: Path) -> tuple[Acknowledged, ...]:
    """The journal; a last line that a killed client left half written is dropped."""
    lines = journal.read_text(encoding="ascii").split("\n")[:-1]
    found = (line.split() for line in lines)
    return tuple(Acknowledged(int(number), float(at), member) for number, at, member in found)


def outage(acknowledged: tuple[Acknowledged, ...], *, after: float) -> float | None:
    """Seconds without an acknowledgement around the fault at ``after``; None if it has not ended.

    From the last acknowledgement before the fault to the first one by another member, or by
    the same one if none took over.
    """
    before = [one for one in acknowledged if one.at <= after]
    later = [one for one in acknowledged if one.at > after]
    if not before or not later:
        return None
    moved = next((i for i, one in enumerate(later) if one.member != before[-1].member), None)
    if moved is None:
        return longest_pause((before[-1], *later))
    last = later[moved - 1] if moved else before[-1]
    return later[moved].at - last.at


def longest_pause(acknowledged: tuple[Acknowledged, ...]) -> float:
    """The longest time between two acknowledgements that follow each other."""
    times = [one.at for one in acknowledged]
    return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)


def _end_with_stdin() -> None:
    """A client inside a site cannot be killed from outside as a child: it ends with its input."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Write until killed, or until the standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m bench.client", description=__doc__)
    parser.add_argument("members", nargs="+", help="addresses")
    parser.add_argument("--name", required=True, help="one per client and run")
    parser.add_argument("--database", required=True)
    parser.add_argument("--ca", type=Path, required=True)
    options = parser.parse_args()
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    client = Client(options.name, options.members, database=options.database, ca=options.ca)
    client.run(sys.stdout.fileno())


if __name__ == "__main__":
    main()
