"""Copies the rows of one snapshot from server to server, many streams at once.

A large table is split by ranges of pages, which PostgreSQL reads without touching the rest (TID
range scans), so that one table that dominates does not wait for one process. Rows go from ``COPY
TO`` to ``COPY FROM`` through a pipe, in binary form where that is the same at both ends, into
tables without indexes.

What must never happen: half a piece that is kept. A target's ``COPY`` is committed when its input
ends, so its process is killed before its input is closed whenever the source did not end well;
what a killed copier leaves behind is ended and thrown away by the next one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from hospital.errors import RefusedError
from hospital.stream import Progress
from providers.logical_sql import TABLES
from providers.pace import Pace
from providers.patroni import sql_answers
from providers.programs import failure, program
from providers.sessions import Connection, Door

PURPOSE = "copy"
SMALL_BYTES = 4 << 20  # below, two processes cost more than the rows
_BLOCK_BYTES = 128 << 10
PIECE_BYTES = (32 << 20, 512 << 20)  # the least and the most, in bytes of pages
PIPE_BYTES = 1 << 20
F_SETPIPE_SZ = 1031  # linux/fcntl.h; in `fcntl` of Python from 3.10

# psql moves 4 KiB at a time through a pipe; with this it took a fifth less time over the same rows.
_BUFFERED = ("stdbuf", "-i256K", "-o256K") if shutil.which("stdbuf") else ()

Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Table:
    """An ordinary table or a leaf of a partitioned one; names and columns are quoted."""

    name: str
    unlogged: bool
    bytes: int
    pages: int
    columns: str
    binary: bool  # its rows in binary form are the same at both ends
    identity: bool  # its rows can be told apart when they change


@dataclass(frozen=True, slots=True)
class Piece:
    """Pages ``first`` to before ``end`` of a table; 0: to wherever it ends."""

    table: Table
    first: int
    end: int
    bytes: int

    @property
    def out(self) -> str:
        """The statement that reads it."""
        table = self.table
        if not self.first and not self.end:
            return f"COPY {table.name} ({table.columns}) TO STDOUT (FORMAT {_form(table)})"
        upper = f" AND ctid < '({self.end},0)'::tid" if self.end else ""
        return (
            f"COPY (SELECT {table.columns} FROM ONLY {table.name} WHERE ctid >= "
            f"'({self.first},0)'::tid{upper}) TO STDOUT (FORMAT {_form(table)})"
        )

    @property
    def into(self) -> str:
        """The statement that writes it."""
        table = self.table
        return f"COPY {table.name} ({table.columns}) FROM STDIN (FORMAT {_form(table)})"


def tables(connection: Connection) -> tuple[Table, ...]:
    """The workload's tables, largest first; RefusedError for one without any column."""
    found = tuple(Table(*row) for row in connection.execute(TABLES.encode()).fetchall())
    for table in found:
        if not table.columns:
            raise RefusedError(table.name, "has no column that could be copied")
    return found


def pieces(found: Iterable[Table], *, streams: int) -> tuple[Piece, ...]:
    """What is copied in one go each, largest first."""
    wanted = [table for table in found if table.pages]
    least, most = PIECE_BYTES
    size = min(most, max(least, sum(table.bytes for table in wanted) // (streams * 6)))
    parts = [piece for table in wanted for piece in _split(table, size)]
    return tuple(sorted(parts, key=lambda piece: -piece.bytes))


def _split(table: Table, size: int) -> Iterator[Piece]:
    count = max(1, min(table.bytes // size, table.pages))
    bounds = [table.pages * number // count for number in range(count)]
    for number, first in enumerate(bounds):
        end = bounds[number + 1] if number + 1 < count else 0
        yield Piece(table, first, end, table.bytes // count)


class Copier:
    """One copy; ``snapshot`` is exported by a session that stays open until ``run`` returns."""

    def __init__(
        self, source: Door, target: Door, *, snapshot: str, streams: int, pace: Pace, tell: Tell
    ) -> None:
        self._source, self._target = source, target
        self._snapshot = snapshot
        self._streams = streams
        self._pace = pace
        self._tell = tell
        self._psql = program("psql")
        self._queue: SimpleQueue[Piece] = SimpleQueue()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._cause: BaseException | None = None
        self._done = self._total = 0

    def run(self, parts: Sequence[Piece]) -> None:
        """All pieces, or the first error; nothing goes on after it returns."""
        self._total = sum(piece.bytes for piece in parts)
        for piece in parts:
            self._queue.put(piece)
        self._tell(Progress(0, self._total))
        with ThreadPoolExecutor(max_workers=self._streams) as threads:
            for _ in range(self._streams):
                threads.submit(self._work)
        if self._cause:
            raise self._cause

    def _work(self) -> None:
        try:
            with ExitStack() as stack:
                small = _Small(self._source, self._target, self._snapshot, stack)
                while not self._stop.is_set():
                    try:
                        piece = self._queue.get_nowait()
                    except Empty:
                        return
                    large = piece.bytes > SMALL_BYTES
                    self._pour(piece) if large else small.pour(piece, self._pace)
                    self._count(piece)
        except BaseException as error:
            self._abort(error)

    def _count(self, piece: Piece) -> None:
        with self._lock:
            self._done += piece.bytes
            self._tell(Progress(self._done, self._total, piece.table.name))

    def _abort(self, error: BaseException) -> None:
        self._stop.set()
        with self._lock:
            self._cause = self._cause or error  # what follows is its echo
            for process in self._processes:
                process.kill()

    def _pour(self, piece: Piece) -> None:
        """One piece through two ``psql``; the bytes never enter this process."""
        with (
            self._psql_that(self._read(piece), self._source, {}) as source,
            self._psql_that(["-c", piece.into], self._target, _WRITING) as target,
        ):
            assert source.stdout
            assert target.stdin
            through = _through(source.stdout.fileno(), target.stdin.fileno(), self._pace)
            if not through:
                source.kill()  # it would wait for ever for somebody to read
            if source.wait() or not through:
                target.kill()  # before its input ends, or it would commit half a piece
            target.stdin.close()
            code = target.wait()
            if through and source.returncode:
                raise failure(_said(source), place=str(self._source.place))
            if code:
                raise failure(_said(target), place=str(self._target.place))

    def _read(self, piece: Piece) -> list[str]:
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        snapshot = f"SET TRANSACTION SNAPSHOT '{self._snapshot}'"
        return ["-c", begin, "-c", snapshot, "-c", piece.out, "-c", "COMMIT"]

    @contextmanager
    def _psql_that(
        self, does: list[str], door: Door, settings: dict[str, str]
    ) -> Iterator[subprocess.Popen[bytes]]:
        command = [
            *_BUFFERED,
            self._psql,
            "-Xqw",
            "-v",
            "ON_ERROR_STOP=1",
            *does,
            "-d",
            door.address(PURPOSE),
        ]
        process = subprocess.Popen(
            command, env=door.environment(settings),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        with self._lock:
            self._processes.add(process)
        if self._stop.is_set():
            process.kill()
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            with self._lock:
                self._processes.discard(process)
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    stream.close()


_WRITING = {"synchronous_commit": "off"}
"""Rows count only when a later, synchronous commit says that all are there."""


class _Small:
    """Small tables over two connections that stay open."""

    def __init__(self, source: Door, target: Door, snapshot: str, stack: ExitStack) -> None:
        self._doors = source, target
        self._snapshot = snapshot
        self._stack = stack
        self._pair: tuple[Connection, Connection] | None = None

    def pour(self, piece: Piece, pace: Pace) -> None:
        """One piece."""
        if self._pair is None:
            self._pair = self._connect()
        source, target = self._pair
        endpoint = " and ".join(str(door.place) for door in self._doors)
        with (
            sql_answers(endpoint),
            source.cursor().copy(piece.out.encode()) as out,
            target.cursor().copy(piece.into.encode()) as into,
        ):
            for block in _blocks(out):
                pace.take(len(block))
                into.write(block)

    def _connect(self) -> tuple[Connection, Connection]:
        source, target = (self._stack.enter_context(door.connect(PURPOSE)) for door in self._doors)
        with sql_answers(str(self._doors[0].place)):
            source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            source.execute(f"SET TRANSACTION SNAPSHOT '{self._snapshot}'".encode())
            target.execute("SET synchronous_commit = off")
        return source, target


def _blocks(rows: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """Many rows at a time: each call down to libpq costs more than a row."""
    waiting, size = [], 0
    for row in rows:
        waiting.append(row)
        size += len(row)
        if size >= _BLOCK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _through(source: int, target: int, pace: Pace) -> bool:
    """Move bytes from pipe to pipe within the kernel; False if the target ended first."""
    for pipe in (source, target):
        fcntl.fcntl(pipe, F_SETPIPE_SZ, PIPE_BYTES)
    try:
        while moved := os.splice(source, target, pace.granule):
            pace.take(moved)
    except BrokenPipeError:
        return False
    return True


def _said(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr
    return process.stderr.read().decode(errors="replace")


def _form(table: Table) -> str:
    return "binary" if table.binary else "text"
