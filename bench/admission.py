"""How long an API server waits for the third gate: the real program over TLS, reviews at a pace.

The reviews are those of the lab's own objects, of all its workloads at all their sites. No peer is
run beside it: the target is the project's own.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection, socket
from tempfile import TemporaryDirectory
from typing import Any

from bench.figures import Measured, Target
from console.desk import DECLARATION
from hospital.errors import UnavailableError
from lab.pki import Authority
from lab.places import CHECKOUT
from policies.review import API_VERSION
from providers.kubernetes import Object
from providers.objects import objects
from stacks.estate import read_estate

NAME = "admission-latency"
RATE, SECONDS = 100, 30
WHAT = (
    f"99th percentile, in seconds, of the answer to an AdmissionReview over TLS: {RATE} a second "
    f"for {SECONDS} s, counted from when each was due"
)
TARGET = Target(plus=0.020, loss=None)
PATIENCE = 20.0  # seconds for the program to start


def measure(*, runs: int, say: Callable[[str], None]) -> Measured:
    """Ask a program that has just started, ``runs`` times, after a short run that does not count.

    The program stays up, as it does in a cluster.
    """
    rows: list[dict[str, float]] = []
    with TemporaryDirectory() as directory, program(Path(directory)) as (url, authority):
        bodies = Path(directory) / "reviews.json"
        bodies.write_text(json.dumps(reviews()), encoding="utf-8")
        _asked(url, authority, bodies, seconds=3)
        for number in range(1, runs + 1):
            rows.append(percentiles(_asked(url, authority, bodies)))
            said = ", ".join(f"{name} {value * 1000:.1f} ms" for name, value in rows[-1].items())
            say(f"{NAME} {number}/{runs}: {said}")
    details = {name: [round(row[name], 6) for row in rows] for name in rows[0]}
    return Measured(NAME, WHAT, {"ours": [row["p99"] for row in rows]}, {}, TARGET, details)


def percentiles(latencies: list[float]) -> dict[str, float]:
    """Of some hundred latencies, in seconds."""
    cuts = statistics.quantiles(latencies, n=100, method="inclusive")
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(latencies)}


def reviews() -> list[Object]:
    """One AdmissionReview for each object of the lab's workloads."""
    estate = read_estate(DECLARATION)
    found = [
        item
        for workload in estate.workloads
        for name in workload.sites
        for item in objects(workload, estate.site(name))
    ]
    return [_review(str(number), item) for number, item in enumerate(found)]


def _review(uid: str, item: Object) -> Object:
    group, _, version = item["apiVersion"].rpartition("/")
    request: dict[str, Any] = {
        "uid": uid,
        "kind": {"group": group, "version": version, "kind": item["kind"]},
        "name": item["metadata"]["name"],
        "namespace": item["metadata"].get("namespace", ""),
        "operation": "CREATE",
        "userInfo": {"username": "pulumi"},
        "object": item,
    }
    return {"apiVersion": API_VERSION, "kind": "AdmissionReview", "request": request}


@contextmanager
def program(directory: Path) -> Iterator[tuple[str, Path]]:
    """``python -m policies.admission`` on the loopback interface: its URL and its authority."""
    authority = Authority.create("bench")
    authority.issue("admission", names=("127.0.0.1",)).write(directory)
    certificate = directory / "ca.crt"
    certificate.write_bytes(authority.certificate)
    port = _free_port()
    command = [sys.executable, "-m", "policies.admission", "--listen", f"127.0.0.1:{port}"]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--access", str(directory)], cwd=CHECKOUT, stderr=log)
    try:
        _await(process, port)
        yield f"https://127.0.0.1:{port}", certificate
    finally:
        process.terminate()
        process.wait()


def _asked(url: str, authority: Path, bodies: Path, *, seconds: int = SECONDS) -> list[float]:
    command = [sys.executable, "-m", "bench.reviewer", url, str(authority), str(bodies)]
    done = subprocess.run(
        [*command, str(RATE), str(seconds)],
        cwd=CHECKOUT,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise UnavailableError(url, f"reviews were not answered: {done.stderr[-500:]}")
    return [float(line) for line in done.stdout.split()]


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise UnavailableError("policies.admission", "does not listen")


def _free_port() -> int:
    with socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
