"""The language host: it says where it listens, and leaves quietly when interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

HOST = Path(__file__).resolve().parents[2] / "lab" / "toolchain" / "pulumi-language-python"


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_leaves_quietly(how: signal.Signals) -> None:
    command = [sys.executable, str(HOST), "127.0.0.1:1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert int(process.stdout.readline()) > 0
    process.send_signal(how)
    _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")


def test_it_does_not_outlive_an_engine_that_was_killed() -> None:
    """As after SIGKILL: its parent is gone, and nobody tells it to leave."""
    start = f"import subprocess, sys; subprocess.Popen([sys.executable, {str(HOST)!r}]); input()"
    engine = subprocess.Popen(
        [sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert engine.stdout is not None
    assert engine.stdout.readline().strip().isdigit()  # the port, written by the host
    engine.kill()
    engine.wait()
    assert engine.stdout.read() == ""  # ends when the last holder of the pipe, the host, does
    engine.stdout.close()
    if engine.stdin:
        engine.stdin.close()
