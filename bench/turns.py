"""Cutovers and rollbacks of a logical move under load, between two servers on this machine.

Clients go on writing wherever they are let in, over TLS, and remember every row that was
acknowledged. A pause is the longest time between two acknowledgements around a turn. The acts are
those of ``providers/acts.py`` in their order. Beside a cutover stands what is done by hand: the
role closed, a look once in half a second whether the target has everything, sequences set by a
script, the role opened. That leaves no way back; ours does.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import psycopg

from bench.figures import Lost, Measured, Target
from bench.logical import MOVE, Pair, servers
from hospital.errors import UnavailableError
from hospital.stream import Move
from lab.loopback import Server
from providers.postgres import patiently

CUTOVER, ROLLBACK = "logical-cutover", "logical-rollback"
ROLLBACKS = 10  # for every run that is asked for
ROWS = {"history": 20_000}
T = TypeVar("T")
LOOK_SECONDS = 0.5  # a person's script that waits for the stream
PATIENCE_SECONDS = 60.0
_TABLE = "CREATE TABLE writes (id bigserial PRIMARY KEY, key bigint NOT NULL UNIQUE, filler text)"
_SEQUENCES = """
SELECT format('SELECT setval(%L, %s)', schemaname || '.' || sequencename, last_value)
  FROM pg_sequences WHERE last_value IS NOT NULL
"""
_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'his'"
_FLUSHED = "SELECT bool_and(confirmed_flush_lsn >= %s) FROM pg_replication_slots"


@dataclass(slots=True)
class Clients:
    """Writers at both servers; ``told`` are the times and keys of what was acknowledged."""

    servers: Sequence[Server]
    count: int
    told: list[tuple[float, int]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _keys: Iterator[int] = field(default_factory=itertools.count)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Clients:
        self._threads = [threading.Thread(target=self._write) for _ in range(self.count)]
        for thread in self._threads:
            thread.start()
        self.some_more()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def some_more(self) -> None:
        """Until twenty more were acknowledged."""
        wanted = len(self.told) + 20
        _until(lambda: len(self.told) >= wanted)

    def pause(self, turn: Turn, pair: Pair) -> float:
        """The longest time between two acknowledgements around ``turn``."""
        began = time.monotonic()
        turn(pair)
        ended = time.monotonic()
        self.some_more()
        times = sorted(at for at, _ in self.told)
        around = (
            later - earlier
            for earlier, later in itertools.pairwise(times)
            if later >= began and earlier <= ended
        )
        return max(around)

    def _write(self) -> None:
        while not self._stop.is_set():
            for server in self.servers:
                try:
                    self._session(server)
                except psycopg.Error:
                    time.sleep(0.02)

    def _session(self, server: Server) -> None:
        with server.client() as client:
            while not self._stop.is_set():
                key = next(self._keys)
                client.execute("INSERT INTO writes (key, filler) VALUES (%s, %s)", [key, "x" * 200])
                self.told.append((time.monotonic(), key))
                time.sleep(0.002)


Turn = Callable[[Pair], None]


def cut_over(pair: Pair) -> None:
    """Everything between the fence and the first write at the target; the way back stands."""
    _turn(pair, MOVE, lambda: pair.hands.reverse(MOVE))


def roll_back(pair: Pair) -> None:
    """Everything between the fence and the first write at the source."""
    _turn(pair, MOVE.reversed(), lambda: pair.hands.revert(MOVE))


def by_hand(pair: Pair) -> None:
    """Stop, wait, start."""
    with pair.source.admin() as source, pair.target.admin() as target:
        source.execute("ALTER ROLE his NOLOGIN")
        source.execute(_SESSIONS)
        position = source.execute("SELECT pg_current_wal_lsn()").fetchone()
        while source.execute(_FLUSHED, position).fetchone() != (True,):
            time.sleep(LOOK_SECONDS)
        for (statement,) in source.execute(_SEQUENCES).fetchall():
            target.execute(str(statement).encode())
        target.execute("ALTER ROLE his LOGIN")


def measure_cutover(*, runs: int, say: Callable[[str], None]) -> Measured:
    """Cut over ``runs`` times by each, in turns, from the same beginning."""
    seconds: dict[str, list[float]] = {"ours": [], "by_hand": []}
    lost: dict[str, Lost] = {}
    turns: tuple[tuple[str, Turn], ...] = (("ours", cut_over), ("by_hand", by_hand))
    with servers(ROWS) as pair:
        for number, (name, turn) in itertools.product(range(1, runs + 1), turns):
            _begin(pair)
            with Clients((pair.source, pair.target), 3) as clients:
                _flow(pair)
                seconds[name].append(clients.pause(turn, pair))
            gone = _lost(clients, pair.target)
            lost[name] = lost.get(name, Lost()).with_run(gone)
            say(f"{CUTOVER} {number}/{runs} {name}: {seconds[name][-1]:.2f} s, {gone.rows} lost")
    what = "write pause of a logical cutover as its clients see it; by hand no way back is left"
    return Measured(CUTOVER, what, seconds, lost, Target(plus=2.0))


def measure_rollback(*, runs: int, say: Callable[[str], None]) -> Measured:
    """There and back at random moments, ten times ``runs``: fifty by default."""
    seconds: dict[str, list[float]] = {"ours": [], "cutover": []}
    lost, chance = Lost(), random.Random(20261126)
    with servers(ROWS) as pair:
        for number in range(1, runs * ROLLBACKS + 1):
            _begin(pair)
            with Clients((pair.source, pair.target), chance.randint(1, 4)) as clients:
                _flow(pair)
                time.sleep(chance.uniform(0.0, 0.5))
                seconds["cutover"].append(clients.pause(cut_over, pair))
                _again(lambda: pair.hands.follow(MOVE))
                time.sleep(chance.uniform(0.0, 0.5))
                seconds["ours"].append(clients.pause(roll_back, pair))
            gone = _lost(clients, pair.source)
            lost = lost.with_run(gone)
            say(f"{ROLLBACK} {number}: {seconds['ours'][-1]:.2f} s, after a cutover of "
                f"{seconds['cutover'][-1]:.2f} s, {gone.rows} lost")  # fmt: skip
    what = "write pause of a rollback as its clients see it, beside that of its cutover"
    return Measured(ROLLBACK, what, seconds, {"ours": lost}, Target(peer="cutover", ratio=1.0))


def _begin(pair: Pair) -> None:
    """Nobody moved anything yet."""
    pair.source.release()
    pair.empty()
    with pair.source.admin() as admin:
        admin.execute("ALTER ROLE his LOGIN")
        admin.execute("DELETE FROM xinglin_migration.marks")
    with pair.source.client() as client:
        client.execute("DROP TABLE IF EXISTS writes")
        client.execute(_TABLE)


def _flow(pair: Pair) -> None:
    """From the first copy until the target is in step."""
    _again(lambda: pair.hands.prepare(MOVE))
    _again(lambda: pair.hands.copy(MOVE, lambda _: None))
    _again(lambda: pair.hands.build(MOVE))
    _again(lambda: pair.hands.subscribe(MOVE))
    _until(lambda: _in_step(pair))


def _in_step(pair: Pair) -> bool:
    lag = pair.hands.observe(MOVE).lag_seconds
    return lag is not None and lag < 1.0


def _turn(pair: Pair, move: Move, between: Callable[[], None]) -> None:
    """From ``move.source`` to ``move.target``, as the steps of a migration do."""
    hands = pair.hands
    if move is MOVE:
        hands.provide(move)
    position = _again(lambda: hands.fence(MOVE, move.source))
    _until(lambda: _again(lambda: hands.drain(move, position)))
    _again(lambda: hands.carry(move))
    _again(between)
    _again(lambda: hands.open(MOVE, move.target))


def _lost(clients: Clients, server: Server) -> Lost:
    """Acknowledged rows that are not there."""
    with server.admin() as admin:
        held = {key for (key,) in admin.execute("SELECT key FROM public.writes").fetchall()}
    return Lost(sum(key not in held for _, key in clients.told))


def _again(act: Callable[[], T]) -> T:
    """As an operator does: what did not answer in time is asked again."""
    return patiently()(act)


def _until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise UnavailableError("bench", f"waited {PATIENCE_SECONDS:.0f} s in vain")
        time.sleep(0.01)
