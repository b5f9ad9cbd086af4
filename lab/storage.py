"""A real server of S3 over a directory, on the loopback interface: the far side of transfers.

versitygw, built on demand. Directories below its root are buckets. Its key is made anew for each
start and is worth nothing elsewhere.
"""

from __future__ import annotations

import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hospital.errors import UnavailableError
from lab import toolchain
from lab.places import Places
from providers.storage import Credentials

START = 20.0  # seconds; measured 0.1


@dataclass(frozen=True, slots=True)
class Storage:
    """A server that answers."""

    endpoint: str
    credentials: Credentials


@contextmanager
def storage(root: Path, places: Places, *, within: tuple[str, ...] = ()) -> Iterator[Storage]:
    """Serve the directories below ``root``; ``within`` is a command that runs the server.

    UnavailableError if it does not come up.
    """
    program = toolchain.have(toolchain.VERSITYGW, places)
    root.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    credentials = Credentials(secrets.token_hex(8), secrets.token_hex(16))
    process = subprocess.Popen(
        (*within, str(program), "--port", f"127.0.0.1:{port}", "--keep-alive", "--quiet",
         "posix", str(root)),
        env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "ROOT_ACCESS_KEY_ID": credentials.access_key,
            "ROOT_SECRET_ACCESS_KEY": credentials.secret_key,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(port, process)
        yield Storage(f"http://127.0.0.1:{port}", credentials)
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise UnavailableError("versitygw", f"does not listen on 127.0.0.1:{port}")
