"""Ctrl-C at any point of the demo ends it with code 130, and nothing of the lab is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lab.control_groups import ROOT as CONTROL_GROUPS
from lab.places import CHECKOUT, Places

pytestmark = [pytest.mark.drill, pytest.mark.slow, pytest.mark.timeout(400)]

SAID, RUNS = "said", "runs"
MOMENTS = {
    "while the lab starts": (SAID, "control planes and the hub"),
    "in pulumi up": (SAID, "Bucket"),
    "in a playbook of pulumi up": (RUNS, "ssh"),  # its workers are in sessions of their own
}
FAREWELL = 20.0  # seconds for plugins of an engine that was ended to leave
PATIENCE = 200.0  # seconds until the demo says the words


def processes(places: Places) -> dict[str, bytes]:
    """Command lines of everything that the lab or its demo started, by process id."""
    marks = {f"XINGLIN_LAB={places.lab}".encode(), f"XINGLIN_STATE={places.state}".encode()}
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if marks & {*(entry / "environ").read_bytes().split(b"\0")}:
                found[entry.name] = (entry / "cmdline").read_bytes()
        except OSError:
            continue  # ended while we looked
    return found


def reached(moment: tuple[str, str], *, log: Path, places: Places) -> bool:
    kind, word = moment
    if kind == SAID:
        return word in log.read_text(encoding="utf-8")
    return any(line.startswith(f"{word}\0".encode()) for line in processes(places).values())


def left_behind(places: Places) -> list[str]:
    """Processes, mounts, control groups and files that the lab would own."""
    found = [f"process {number}: {line!r}" for number, line in processes(places).items()]
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    found += [line for line in mounts if str(places.state) in line]
    found += [str(path) for path in CONTROL_GROUPS.glob(f"**/{places.name}")]
    return found + ([str(places.lab)] if places.lab.exists() else [])


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_an_interrupted_demo_leaves_nothing(moment: tuple[str, str], tmp_path: Path) -> None:
    environment = {**os.environ, "XINGLIN_STATE": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    places = replace(Places.from_environment(), state=tmp_path)
    log = tmp_path / "demo.log"
    with log.open("wb") as file:
        demo = subprocess.Popen(
            # Whoever runs the tests in the background has told them to ignore Ctrl-C.
            ["env", "--default-signal=INT", sys.executable, "-m", "console.demo", "--short"],
            cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE
        while not reached(moment, log=log, places=places):
            assert demo.poll() is None, log.read_text(encoding="utf-8")[-2000:]
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")[-2000:]
            time.sleep(0.2)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=60) == 130, log.read_text(encoding="utf-8")[-2000:]
    finally:
        demo.kill()
        demo.wait()
    deadline = time.monotonic() + FAREWELL
    while left_behind(places) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert left_behind(places) == []
