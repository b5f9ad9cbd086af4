"""100,000 files of 64 KiB to a real server of S3, by ``xinglin migrate files`` and ``aws s3 sync``.

Both are whole programs, started new, with their defaults, in turns, to an empty bucket of the same
server on the same machine, whose cores the server shares: what it takes is in both figures. What
arrived is counted and compared each time, or the run counts for nothing. The AWS CLI lives in an
environment of its own, outside the checkout: it pins what we also use.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Measured, Target
from bench.processes import installed
from hospital.errors import RefusedError, UnavailableError
from hospital.transfer import size
from lab import toolchain
from lab.places import CHECKOUT, Places
from lab.storage import Storage, storage

NAME = "files-to-object-storage"
PEER = "aws_s3_sync"
AWS_CLI = "1.46.3"
TARGET = Target(peer=PEER, ratio=1 / 3, loss=None)
FILES, QUICK = 100_000, 10_000
BYTES = 64 << 10
PER_DIRECTORY = 500  # as a study of computed tomography
BUCKET = "images"
OURS = "import typer; from console.transfer import files; typer.run(files)"


@dataclass(frozen=True, slots=True)
class Copied:
    """One copy: what a person waited, and what the program and its children computed."""

    seconds: float
    cpu: float  # seconds, without the server's

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s, {self.cpu:.1f} s of CPU"


def measure(*, runs: int, say: Callable[[str], None], files: int = FILES) -> Measured:
    """Copy the same files ``runs`` times by each, in turns; UnavailableError without the space."""
    places = Places.from_environment()
    toolchain.have(toolchain.RCLONE, places, say)
    aws = installed("awscli", AWS_CLI, program="aws")
    found: dict[str, list[Copied]] = {"ours": [], PEER: []}
    with TemporaryDirectory(dir=places.cache) as directory:
        here = Path(directory)
        _write(here / "source", files, say)
        for number in range(1, runs + 1):
            for name, command in (("ours", _ours), (PEER, lambda *at: _aws(aws, *at))):
                copied = _once(here, command, places)
                rate = size(files * BYTES / copied.seconds)
                say(f"{NAME} {number}/{runs} {name}: {copied}, {rate}/s")
                found[name].append(copied)
    seconds = {name: [each.seconds for each in copies] for name, copies in found.items()}
    details = {
        "files": files,
        "bytesEach": BYTES,
        "scaled": f"{files:,} files, {files / FILES:.0%} of {FILES:,}; times grow with the number",
        "cpuSeconds": {name: [round(one.cpu, 1) for one in all_] for name, all_ in found.items()},
        "awscli": AWS_CLI,
        "rclone": "1.76.0",
    }
    what = (
        f"seconds of a copy of {files:,} files of {size(BYTES)} to an empty bucket, whole program"
    )
    return Measured(NAME, what, seconds, {}, TARGET, details)


def _write(directory: Path, files: int, say: Callable[[str], None]) -> None:
    """Bytes that cannot be compressed and are the same every time."""
    needed, free = 2 * files * BYTES, shutil.disk_usage(directory.parent).free
    say(f"{NAME}: {files:,} files × {size(BYTES)} = {size(files * BYTES)}, twice on disk")
    if free < needed * 1.1:
        raise UnavailableError(str(directory), f"{size(needed)} needed, {size(free)} free")
    bytes_of = random.Random(5)
    for number in range(files):
        study = directory / f"{number // PER_DIRECTORY:05}"
        if number % PER_DIRECTORY == 0:
            study.mkdir(parents=True)
        (study / f"{number:08}.dcm").write_bytes(bytes_of.randbytes(BYTES))


def _once(
    here: Path, command: Callable[[Path, Storage], tuple[str, ...]], places: Places
) -> Copied:
    """One copy to an empty bucket; RefusedError if it fails or not all arrived."""
    root, log = here / "root", here / "log"
    (root / BUCKET).mkdir(parents=True)
    os.sync()  # what the run before left to be written must not be paid by this one
    with storage(root, places) as server, log.open("wb") as out:
        line = command(here / "source", server)
        environment = _environment(here, server)
        began = time.monotonic()
        process = subprocess.Popen(line, env=environment, cwd=CHECKOUT, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
        took = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)  # it has been waited for
    if process.returncode:
        raise RefusedError(line[0], log.read_text(errors="replace")[-500:])
    _must_have_arrived(here / "source", root / BUCKET / "archive")
    shutil.rmtree(root)
    return Copied(took, usage.ru_utime + usage.ru_stime)


def _ours(source: Path, server: Storage) -> tuple[str, ...]:
    where = (f"s3://{BUCKET}/archive", "--endpoint", server.endpoint)
    return (sys.executable, "-c", OURS, str(source), *where, "--json")


def _aws(program: Path, source: Path, server: Storage) -> tuple[str, ...]:
    where = (f"s3://{BUCKET}/archive", "--endpoint-url", server.endpoint)
    return (str(program), "s3", "sync", str(source), *where, "--only-show-errors")


def _environment(here: Path, server: Storage) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(here),  # no settings of the user's
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONPYCACHEPREFIX": str(Places.from_environment().cache / "bench" / "bytecode"),
        "XINGLIN_CACHE": str(Places.from_environment().cache),
        "AWS_ACCESS_KEY_ID": server.credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": server.credentials.secret_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _must_have_arrived(source: Path, target: Path) -> None:
    """All names, and the bytes of one in a hundred."""
    sent, arrived = _names(source), _names(target)
    if sent != arrived:
        raise RefusedError(str(target), f"{len(sent ^ arrived)} of {len(sent)} names differ")
    for name in sorted(sent)[::100]:
        if _digest(source / name) != _digest(target / name):
            raise RefusedError(name, "arrived otherwise than it was sent")


def _names(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*.dcm")}


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
