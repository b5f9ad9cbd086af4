"""What the policies add to ``pulumi preview`` of the lab's estate, as a person at the desk waits.

Engine, program, provider and pack are the real ones, with a file backend of their own; nothing is
made yet, so no lab runs. The peer is the same preview without the pack, in turns with it. Each
preview ends well, and the one with the pack must have judged, or it counts for nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from bench.figures import Lost, Measured, Target
from console.desk import DECLARATION
from hospital.errors import RefusedError
from lab.places import CHECKOUT, Places

NAME = "preview-with-policies"
PEER = "without_policies"
WHAT = "seconds of `pulumi preview` of the lab's estate, nothing made yet, under the policy pack"
TARGET = Target(PEER, 1.5)
PACK = ("--policy-pack", str(CHECKOUT / "policies"))


def measure(*, runs: int, say: Callable[[str], None]) -> Measured:
    """Preview ``runs`` times each way, after one that is not counted."""
    places = Places.from_environment()
    seconds: dict[str, list[float]] = {"ours": [], PEER: []}
    with TemporaryDirectory() as directory:
        desk = _Desk(Path(directory), places)
        desk.preview(*PACK)  # compiles Python, fills caches
        for number in range(1, runs + 1):
            seconds[PEER].append(desk.preview())
            seconds["ours"].append(desk.preview(*PACK))
            ours, peer = seconds["ours"][-1], seconds[PEER][-1]
            say(f"{NAME} {number}/{runs} with: {ours:.2f} s, without: {peer:.2f} s")
    pairs = sorted(ours / peer for ours, peer in zip(seconds["ours"], seconds[PEER], strict=True))
    say(f"{NAME} ratio pair by pair: {', '.join(f'{one:.2f}' for one in pairs)}")
    return Measured(NAME, WHAT, seconds, {"ours": Lost()}, TARGET)


class _Desk:
    """A Pulumi project over this checkout with a stack that is empty."""

    def __init__(self, directory: Path, places: Places) -> None:
        self._directory = directory
        programs = (Path(sys.executable).parent, CHECKOUT / "lab" / "toolchain", places.tools)
        self._environment = os.environ | {
            "PATH": os.pathsep.join([*map(str, programs), os.environ.get("PATH", os.defpath)]),
            "PYTHONPATH": str(CHECKOUT),
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{directory}",
            "PULUMI_CONFIG_PASSPHRASE": "benchmark",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "XINGLIN_ACCESS": str(directory),
        }
        project = {
            "name": "xinglin",
            "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
            "main": str(CHECKOUT / "stacks"),
            "plugins": {"providers": [{"name": "hospital", "path": str(CHECKOUT / "providers")}]},
        }
        (directory / "Pulumi.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
        self._pulumi("stack", "init", "bench")
        self._pulumi("config", "set", "xinglin:estate", str(DECLARATION))

    def preview(self, *words: str) -> float:
        """Seconds of one preview; RefusedError if it fails, or a pack that was asked is silent."""
        began = time.monotonic()
        said = self._pulumi("preview", *words)
        took = time.monotonic() - began
        if words and "Policies:" not in said:
            raise RefusedError("pulumi preview", "the policy pack judged nothing")
        return took

    def _pulumi(self, *arguments: str) -> str:
        answer = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=self._directory,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            raise RefusedError(f"pulumi {arguments[0]}", answer.stdout + answer.stderr)
        return answer.stdout
