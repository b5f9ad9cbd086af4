"""One member of a database cluster, asked directly: Patroni's REST port, then PostgreSQL itself.

What the store says of a member may be seconds old; whether it accepts writes is known
only by asking it. What must never happen: "writable" said of a member that was not asked.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any

import psycopg

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Host
from providers.access import Access
from providers.https import answers, client

REST_PORT = 8008
POSTGRESQL_PORT = 5432
RESTART = timedelta(seconds=5)  # a supervisor starts Patroni again after 1 s, 2 s on a busy host
_PROBE = timedelta(seconds=0.25)  # the kernel answers, however busy its host is
_HAND_OVER = timedelta(seconds=60)
_PRIMARY = frozenset({"primary", "master"})
_WRITABLE = "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'"


@contextmanager
def sql_answers(endpoint: str) -> Iterator[None]:
    """Translate every exception of psycopg: no connection → UnavailableError, else RefusedError."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise UnavailableError(endpoint, str(error).strip()) from error
    except (psycopg.Error, psycopg.Warning) as error:
        raise RefusedError(endpoint, str(error).strip()) from error


@dataclass(frozen=True, slots=True)
class MemberSeen:
    """A member as it describes itself; positions are bytes of WAL."""

    host: str
    primary: bool
    writable: bool
    timeline: int
    position: int  # written by a primary, replayed by a standby
    received: int  # by a standby; equal to ``position`` on a primary


class Member:
    """Patroni and PostgreSQL on one host; connections are kept between questions."""

    def __init__(self, host: Host, access: Access, *, timeout: timedelta) -> None:
        secret = access.document("database.json")["patroni"]
        self.host = host
        self._rest = f"Patroni of {host.id} at {host.address}:{REST_PORT}"
        self._sql = f"PostgreSQL of {host.id} at {host.address}:{POSTGRESQL_PORT}"
        self._http = client(
            f"https://{host.address}:{REST_PORT}",
            access,
            timeout=timeout,
            auth=(secret["user"], secret["password"]),
        )
        self._timeout = min(timeout, _PROBE).total_seconds()
        self._refusing_since: float | None = None
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._parameters: dict[str, Any] = {
            "host": host.address,
            "port": POSTGRESQL_PORT,
            "dbname": "postgres",
            "user": secret["user"],
            "password": secret["password"],
            "sslmode": "verify-full",
            "sslrootcert": str(access.path("ca.crt")),
            "sslcert": str(access.path("tls.crt")),
            "sslkey": str(access.path("tls.key")),
            "connect_timeout": 2,  # seconds, the least that libpq takes
            "tcp_user_timeout": round(timeout.total_seconds() * 1000),
            "application_name": "xinglin",
        }

    def lives(self) -> bool:
        """Whether the host answers on the network: a connection, no status and no TLS.

        A host that *refuses* has a kernel that lives, and Patroni may only be restarting, which
        it survives without an outage: it is believed for ``RESTART`` before it counts as silent.
        """
        try:
            socket.create_connection((self.host.address, REST_PORT), self._timeout).close()
        except ConnectionRefusedError:
            self._refusing_since = self._refusing_since or monotonic()
            return monotonic() - self._refusing_since < RESTART.total_seconds()
        except OSError:
            return False
        self._refusing_since = None
        return True

    def seen(self) -> MemberSeen:
        """Role and positions as Patroni reads them now; for a primary, whether it takes writes."""
        body = self._get("/patroni")
        primary = body.get("role") in _PRIMARY
        xlog = body.get("xlog") or {}
        replayed = int(xlog.get("replayed_location") or 0)
        position = int(xlog.get("location") or replayed)
        return MemberSeen(
            host=self.host.id,
            primary=primary,
            writable=primary and self.writable(),
            timeline=int(body.get("timeline") or 0),
            position=position,
            received=position if primary else int(xlog.get("received_location") or replayed),
        )

    def writable(self) -> bool:
        """Whether PostgreSQL itself says that a transaction may write."""
        with sql_answers(self._sql):
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = psycopg.connect(**self._parameters, autocommit=True)
                row = self._connection.execute(_WRITABLE).fetchone()
            except psycopg.Error:
                self._hang_up()
                raise
        return bool(row and row[0])

    def timelines(self) -> dict[int, int]:
        """Timeline → the WAL position at which the next one began, as the store tells it."""
        return {int(timeline): int(position) for timeline, position, *_ in self._get("/history")}

    def hand_over(self, candidate: str) -> None:
        """Ask this member, the leader, to hand over; answers when Patroni says that it is done."""
        content = {"leader": self.host.id, "candidate": candidate}
        with answers(self._rest):
            response = self._http.post(
                "/switchover", json=content, timeout=_HAND_OVER.total_seconds()
            )
        if not response.is_success:
            raise RefusedError(self._rest, f"switchover to {candidate}: {response.text.strip()}")

    def _get(self, path: str) -> Any:
        with answers(self._rest):
            return self._http.get(path).json()  # the status code only says which role answered

    def close(self) -> None:
        """Give up the connections."""
        self._http.close()
        self._hang_up()

    def _hang_up(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


def lsn(position: int) -> str:
    """A WAL position as PostgreSQL writes it: ``0/3000148``."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


def position(lsn: str) -> int:
    """The inverse of ``lsn``; ValueError if it is none."""
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)
