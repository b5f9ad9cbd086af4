"""Connections of ``xinglin_migration`` to the primary of a cluster, kept open and opened again.

A standby is only ever read, by the prechecks; those of a physical move look as a role that has no
right to more.

libpq itself asks a cluster's members in turn for the one that accepts writes. What must never
happen: an answer of a member that was a primary once taken for the primary's. So a connection is
thrown away at its first error, and one that was not used for a while is asked first whether it
still is a primary's.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from hospital.estate import Estate, Host
from providers.access import Access
from providers.patroni import POSTGRESQL_PORT, sql_answers

USER = "xinglin_migration"
_PRIMARY = "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'"
_TRUSTED_SECONDS = 0.5  # within one act no question is asked twice
SERVER_AUTHORITY = "/etc/patroni/ca.crt"  # where a database host keeps whom it trusts

Row = tuple[Any, ...]
Connection = psycopg.Connection[Row]
Query = str | sql.Composable

SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "row_security": "off",  # rows that a policy hides must end a copy, not be left out
    "idle_session_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "search_path": "pg_catalog",
    "lock_timeout": "5s",  # a hospital waits behind whoever waits for its tables
}
"""The same at both ends, whatever a role or a database is set to."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cluster on the network: its members in order, each with its port."""

    cluster: str
    members: tuple[tuple[str, int], ...]

    @property
    def hosts(self) -> str:
        """As libpq takes them."""
        return ",".join(host for host, _ in self.members)

    @property
    def ports(self) -> str:
        """As libpq takes them."""
        return ",".join(str(port) for _, port in self.members)

    def at(self, host: Host) -> Place:
        """One member of it."""
        return Place(f"{self.cluster} on {host.id}", ((host.address, POSTGRESQL_PORT),))

    def __str__(self) -> str:
        return f"PostgreSQL of {self.cluster}"


def places(estate: Estate) -> dict[str, Place]:
    """Every cluster of an estate by name."""
    return {
        base.name: Place(
            base.name,
            tuple((estate.host(name).address, POSTGRESQL_PORT) for name in base.members),
        )
        for base in estate.databases
    }


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who calls, and whom it trusts."""

    password: str = field(repr=False)
    authority: Path  # of the servers' certificates, here
    server_authority: str = SERVER_AUTHORITY  # the same, where a server calls the other one
    user: str = USER

    @classmethod
    def of(cls, access: Access) -> Credentials:
        """Those of an identity's access directory; one that holds none is let in nowhere."""
        secret = access.document("database.json").get("migration", {})
        return cls(password=str(secret.get("password", "")), authority=access.path("ca.crt"))


def onlooker(access: Access) -> Credentials:
    """Of the role that may look at any database of a cluster with standbys, and touch nothing."""
    secret = access.document("database.json")["patroni"]
    return Credentials(
        password=str(secret["password"]),
        authority=access.path("ca.crt"),
        user=str(secret["user"]),
    )


class Door:
    """Opens connections to one database of one cluster; hands out one that is kept."""

    def __init__(
        self, place: Place, database: str, credentials: Credentials, *, standby: bool = False
    ) -> None:
        """``standby``: any member will do, to read only."""
        self.place = place
        self.database = database
        self._standby = standby
        self._credentials = credentials
        self._lock = threading.RLock()  # a question within a block of questions
        self._kept: Connection | None = None
        self._used = 0.0

    def connect(self, purpose: str = "", **more: Any) -> Connection:
        """A connection of its own, which the caller closes."""
        with sql_answers(str(self.place)):
            return psycopg.connect(
                **self._parameters(purpose),
                password=self._credentials.password,
                options=_options(),
                autocommit=True,
                **more,
            )

    def address(self, purpose: str = "") -> str:
        """Everything that a program needs to connect, but the password."""
        return make_conninfo(**self._parameters(purpose))

    def environment(self, settings: Mapping[str, str] | None = None) -> dict[str, str]:
        """For PostgreSQL's programs: the password where only they see it, and settings."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        secret = {"PGPASSWORD": self._credentials.password, "PGOPTIONS": _options(settings)}
        return kept | secret | {"PGCLIENTENCODING": "UTF8"}

    def ask(self, query: Query, parameters: Sequence[Any] = ()) -> list[Row]:
        """One statement on the kept connection."""
        with self.kept() as connection:
            cursor = connection.execute(_plain(query), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def pairs(self, query: Query) -> dict[Any, Any]:
        """A question whose answers have two columns, as a mapping."""
        return {row[0]: row[1] for row in self.ask(query)}

    def one(self, query: Query, parameters: Sequence[Any] = ()) -> Any:
        """The first value of the first row; None for no row."""
        rows = self.ask(query, parameters)
        return rows[0][0] if rows else None

    @contextmanager
    def kept(self) -> Iterator[Connection]:
        """The kept connection, alone; thrown away if anything goes wrong on it."""
        with self._lock, sql_answers(str(self.place)):
            try:
                yield self._fresh()
                self._used = time.monotonic()
            except BaseException:
                self._hang_up()
                raise

    def _fresh(self) -> Connection:
        trusted = self._standby or time.monotonic() - self._used <= _TRUSTED_SECONDS
        if self._kept is not None and not trusted:
            try:
                row = self._kept.execute(_PRIMARY).fetchone()
                if not row or not row[0]:
                    self._hang_up()
            except psycopg.Error:
                self._hang_up()
        if self._kept is None or self._kept.closed:
            self._kept = self.connect("control")
        return self._kept

    def close(self) -> None:
        """Give up the kept connection."""
        with self._lock:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._kept is not None:
            self._kept.close()
        self._kept = None

    def _parameters(self, purpose: str) -> dict[str, Any]:
        return {
            "host": self.place.hosts,
            "port": self.place.ports,
            "dbname": self.database,
            "user": self._credentials.user,
            "sslmode": "verify-full",
            "sslrootcert": str(self._credentials.authority),
            "target_session_attrs": "any" if self._standby else "read-write",
            "application_name": f"xinglin {purpose}".strip(),
            # Seconds for each member: with others to ask, a silent one must not cost the pause.
            "connect_timeout": 10 if len(self.place.members) == 1 else 3,
            "keepalives_idle": 2,
            "keepalives_interval": 1,
            "keepalives_count": 3,
            "tcp_user_timeout": 5000,
        }


def _options(settings: Mapping[str, str] | None = None) -> str:
    wanted = SETTINGS | dict(settings or {})
    return " ".join("-c " + f"{name}={value}".replace(" ", "\\ ") for name, value in wanted.items())


def _plain(query: Query) -> Any:
    return query if isinstance(query, sql.Composable) else query.encode()
