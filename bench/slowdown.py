"""What a first copy costs those who work at the source, between two servers on this machine.

A client at the source reads a row by its key and writes one, a hundred times a second, open-loop:
a statement that is late is charged from when it was due. Its 95th percentile during the copy and
the building of indexes is set beside that of the same time without. The source and its client have
one core, the target and the copier the other, as two machines would.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import psycopg

from bench.figures import Measured, Target
from bench.logical import MOVE, Pair, servers
from hospital.move import Bounds
from lab.loopback import ADDRESS

ROOT = Path(__file__).resolve().parents[1]
NAME = "sync-slowdown"
ROWS = {"orders": 1_200_000}
HERTZ = 100
_TABLE = "CREATE TABLE IF NOT EXISTS visits (id bigserial PRIMARY KEY, note text)"


def measure(*, runs: int, say: Callable[[str], None]) -> Measured:
    """The same load with and without a copy, in turns."""
    seconds: dict[str, list[float]] = {"ours": [], "without": []}
    bounds = Bounds()
    with servers(ROWS) as pair:
        _apart(pair)
        with pair.source.client() as client:
            client.execute(_TABLE)
        for number in range(1, runs + 1):
            pair.empty()
            with _load(pair) as latencies:
                began = time.monotonic()
                pair.hands.prepare(MOVE)
                pair.hands.copy(
                    MOVE, lambda _: None, throttle=bounds.throttle_bytes_per_second,
                    slowdown_percent=bounds.slowdown_percent,
                )  # fmt: skip
                pair.hands.build(MOVE)
                took = time.monotonic() - began
            seconds["ours"].append(_p95(latencies))
            with _load(pair) as latencies:
                time.sleep(took)
            seconds["without"].append(_p95(latencies))
            say(f"{NAME} {number}/{runs}: {seconds['ours'][-1] * 1000:.2f} ms during {took:.0f} s, "
                f"{seconds['without'][-1] * 1000:.2f} ms without")  # fmt: skip
    what = "95th percentile of a read and a write at the source during a first copy"
    details = {"rows": ROWS, "bounds": asdict(bounds), "hertz": HERTZ}
    return Measured(NAME, what, seconds, {}, Target("without", 1.1, loss=None), details)


@contextmanager
def _load(pair: Pair) -> Iterator[list[float]]:
    """A client at work; afterwards the latency of each of its turns, seconds."""
    server, found = pair.source, []
    ca = str(server.credentials().authority)
    core = min(os.sched_getaffinity(server.pid))
    line = (
        sys.executable,
        "-m",
        "bench.slowdown",
        str(core),
        str(server.port),
        server.database,
        ca,
    )
    environment = os.environ | {"PGPASSWORD": server.password}
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    ) as client:
        time.sleep(1.0)  # it connects
        try:
            yield found
        finally:
            found += map(float, client.communicate()[0].split())


def _p95(latencies: list[float]) -> float:
    return statistics.quantiles(latencies, n=20)[-1]


def _apart(pair: Pair) -> None:
    """Each end on a core of its own, where there are two; the copier beside the target."""
    cores = sorted(os.sched_getaffinity(0))
    first, other = cores[:1], cores[1:] or cores
    for server, own in ((pair.source, first), (pair.target, other)):
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(
            encoding="ascii"
        )
        for pid in (server.pid, *map(int, children.split())):
            os.sched_setaffinity(pid, own)
    os.sched_setaffinity(0, other)


def visit(core: int, port: int, database: str, ca: str) -> None:
    """Work on one core until the standard input ends, then print the latencies."""
    os.sched_setaffinity(0, {core})
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    latencies = []
    with psycopg.connect(
        host=ADDRESS, port=port, dbname=database, user=database, sslmode="verify-full",
        sslrootcert=ca, autocommit=True,
    ) as connection:  # fmt: skip
        due = time.monotonic()
        while not ended.is_set():
            due += 1 / HERTZ
            time.sleep(max(0.0, due - time.monotonic()))
            number = len(latencies) * 7919 % ROWS["orders"] + 1
            connection.execute("SELECT note FROM orders WHERE id = %s", [number])
            connection.execute("INSERT INTO visits (note) VALUES (%s)", ["x" * 100])
            latencies.append(time.monotonic() - due)
    print(*latencies, sep="\n")


if __name__ == "__main__":
    visit(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5])
