"""The first copy of a logical move beside its peers, between two servers on this machine.

Ours is ``prepare``, ``copy`` and ``build`` of ``providers/logical.py``: schema, rows, indexes and
fresh statistics. Beside it ``pg_dump -Fd`` and ``pg_restore`` with as many jobs and no compression
(its faster form on one machine), then ``vacuumdb --analyze-only``; and what PostgreSQL does by
itself when a subscription is made over a schema with its indexes: one worker a table. All go over
TLS to the same two servers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Measured, Target
from hospital.stream import Move
from lab.loopback import Server, authority
from providers.logical import STREAMS, LogicalHands
from providers.programs import program, run
from providers.sessions import Door

MOVE = Move("bench", "his", "source", "target")
SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "4GB", "maintenance_work_mem": "128MB"}
WAIT_SECONDS = 1800.0

_TABLE = """
CREATE TABLE {name} (id bigint PRIMARY KEY, patient bigint NOT NULL, code text NOT NULL,
  amount numeric(12, 2), at timestamptz NOT NULL, note text)
"""
_ROWS = """
INSERT INTO {name} SELECT n, (n::bigint * 7919) % 500000, 'C' || n % 4000, (n % 100000) / 100.0,
  '2026-01-01'::timestamptz + n * interval '1 second', 'note ' || md5(n::text) || md5((n + 1)::text)
FROM generate_series(1, {rows}) n
"""
_INDEXES = (
    "CREATE INDEX ON {name} (patient); CREATE INDEX ON {name} (at); CREATE INDEX ON {name} (code)"
)

Copy = Callable[["Pair"], None]


@dataclass(frozen=True, slots=True)
class Case:
    """One benchmark: which rows, and against whom."""

    name: str
    what: str
    rows: dict[str, int]  # table → rows
    peer: str
    copy: Copy
    target: Target


@dataclass(slots=True)
class Pair:
    """The two servers, and hands over them."""

    source: Server
    target: Server
    hands: LogicalHands

    def empty(self) -> None:
        """The target as it was made, nothing left at the source."""
        self.target.release()
        with self.source.admin() as admin:
            admin.execute("DROP PUBLICATION IF EXISTS peer")
            admin.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
            admin.execute("CHECKPOINT")
        self.target.reset()
        with self.target.admin() as admin:
            admin.execute("ALTER ROLE his NOLOGIN")
            admin.execute("CHECKPOINT")

    def door(self, which: Server) -> Door:
        """As the hands have it."""
        return self.hands.door(which.cluster, MOVE.database)


def ours(pair: Pair) -> None:
    """Schema, rows, indexes, statistics."""
    pair.hands.prepare(MOVE)
    pair.hands.copy(MOVE, lambda _: None)
    pair.hands.build(MOVE)


def dump_and_restore(pair: Pair) -> None:
    """``pg_dump`` into files, ``pg_restore`` from them, then the statistics that it leaves out."""
    source, target = pair.door(pair.source), pair.door(pair.target)
    with TemporaryDirectory(prefix="xinglin-bench-") as directory:
        files = str(Path(directory) / "dump")
        jobs = ("-w", "-j", str(STREAMS))
        dump = (program("pg_dump"), "-Fd", "-Z0", *jobs, "-N", "xinglin_migration", "-f", files)
        skip = ("--no-owner", "--role", MOVE.database, "--exit-on-error")
        run((*dump, "-d", source.address()), source.environment(), place="source")
        settings = {"maintenance_work_mem": SETTINGS["maintenance_work_mem"]}
        _without_extensions(files)
        restore = (program("pg_restore"), *jobs, *skip, "-L", f"{files}.list")
        into = ("-d", target.address(), files)
        run((*restore, *into), target.environment(settings), place="target")
        analyze = (program("vacuumdb"), "-q", "--analyze-only", *jobs, "-d", target.address())
        run(analyze, target.environment(), place="target")


def subscription(pair: Pair) -> None:
    """A subscription over a schema with its indexes, until every table is synchronised."""
    source, target = pair.door(pair.source), pair.door(pair.target)
    with TemporaryDirectory(prefix="xinglin-bench-") as directory:
        file = str(Path(directory) / "schema")
        dump = (program("pg_dump"), "-w", "-Fc", "-s", "-N", "xinglin_migration", "-f", file)
        run((*dump, "-d", source.address()), source.environment(), place="source")
        _without_extensions(file)
        restore = (program("pg_restore"), "-w", "--no-owner", "--role", MOVE.database)
        into = ("-L", f"{file}.list", "-d", target.address(), file)
        run((*restore, *into), target.environment(), place="target")
    with pair.source.admin() as admin:
        tables = admin.execute("SELECT relid::regclass::text FROM pg_stat_user_tables "
                               "WHERE schemaname = 'public'").fetchall()  # fmt: skip
        admin.execute(
            f"CREATE PUBLICATION peer FOR TABLE {', '.join(str(t) for (t,) in tables)}".encode()
        )
    secret = pair.source.migration_password
    place = f"{source.address()} password={secret}"
    with pair.target.admin() as admin:
        admin.execute(f"CREATE SUBSCRIPTION peer CONNECTION '{place}' PUBLICATION peer".encode())
        _await_synchronised(pair)
        for what in ("DISABLE", "SET (slot_name = NONE)"):
            admin.execute(f"ALTER SUBSCRIPTION peer {what}".encode())
        admin.execute("DROP SUBSCRIPTION peer")


def measure(case: Case, *, runs: int, say: Callable[[str], None]) -> Measured:
    """Copy the same rows ``runs`` times by each, in turns."""
    seconds: dict[str, list[float]] = {"ours": [], case.peer: []}
    with servers(case.rows) as pair:
        for number in range(1, runs + 1):
            for name, copy in (("ours", ours), (case.peer, case.copy)):
                pair.empty()
                began = time.monotonic()
                copy(pair)
                seconds[name].append(time.monotonic() - began)
                _complete(pair, case)
                say(f"{case.name} {number}/{runs} {name}: {seconds[name][-1]:.1f} s")
        with pair.source.admin() as admin:
            row = admin.execute("SELECT pg_database_size('his')").fetchone()
    size = int(str(row[0])) if row else 0
    details = {"rows": case.rows, "databaseBytes": size, "streams": STREAMS}
    return Measured(case.name, case.what, seconds, {}, case.target, details)


@contextmanager
def servers(rows: Mapping[str, int]) -> Iterator[Pair]:
    """Two servers, the source with so many rows in each table."""
    trusted = authority()
    made = [Server(name, trusted, "bench", settings=SETTINGS) for name in ("source", "target")]
    hands = LogicalHands({one.cluster: one.place for one in made}, made[0].credentials())
    try:
        for server in made:
            server.make()
        with made[0].client() as client:
            for name, many in rows.items():
                for text in (_TABLE, _ROWS, _INDEXES):
                    client.execute(text.format(name=name, rows=many).encode())
            client.execute("VACUUM ANALYZE")
        source, target = made
        yield Pair(source, target, hands)
    finally:
        hands.close()
        for server in made:
            server.close()


def _complete(pair: Pair, case: Case) -> None:
    with pair.target.admin() as admin:
        for name, rows in case.rows.items():
            found = admin.execute(f"SELECT count(*) FROM public.{name}".encode()).fetchone()
            if found != (rows,):
                raise AssertionError(f"{name} holds {found}, not {rows} rows")


def _without_extensions(archive: str) -> None:
    """Leave out what only a superuser may make; both ends have it already."""
    listed = run((program("pg_restore"), "-l", archive), {"PATH": "/usr/bin:/bin"}, place="target")
    kept = [line for line in listed.splitlines() if " EXTENSION " not in line]
    Path(f"{archive}.list").write_text("\n".join(kept) + "\n", encoding="utf-8")


def _await_synchronised(pair: Pair) -> None:
    query = "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate NOT IN ('s', 'r')"
    deadline = time.monotonic() + WAIT_SECONDS
    with pair.target.admin() as admin:
        while admin.execute(query.encode()).fetchone() != (0,):
            if time.monotonic() > deadline:
                raise AssertionError("the subscription did not synchronise its tables")
            time.sleep(0.1)


DUMP = Case(
    name="logical-copy",
    what="first copy of a database (21 tables, 84 indexes), ready with statistics; wall seconds",
    rows={f"small_{n}": 20_000 for n in range(20)} | {"orders": 1_600_000},
    peer="pg_dump | pg_restore -j",
    copy=dump_and_restore,
    target=Target(peer="pg_dump | pg_restore -j", ratio=1.0, loss=None),
)
TABLE = Case(
    name="logical-copy-table",
    what="first copy of one table that dominates, ready with its 4 indexes; wall seconds",
    rows={"orders": 1_500_000},
    peer="CREATE SUBSCRIPTION",
    copy=subscription,
    target=Target(peer="CREATE SUBSCRIPTION", ratio=0.5, loss=None),
)
CASES = (DUMP, TABLE)
