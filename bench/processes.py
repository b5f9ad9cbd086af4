"""Programs that are measured from outside: whole processes on one core, by the kernel's account."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hospital.errors import UnavailableError
from lab.places import CHECKOUT, Places

CORE = "0"


@dataclass(frozen=True, slots=True)
class Ran:
    """What one process took, start and end included."""

    cpu: float  # seconds of user and system time, its children's included
    code: int


def run(
    command: Sequence[str], *, output: Path, environment: dict[str, str], ends: Sequence[int]
) -> Ran:
    """Run ``command`` on one core, its output to a file; UnavailableError if it ends otherwise.

    Python keeps its bytecode, as it does wherever a program is installed: outside the checkout.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept["PYTHONPYCACHEPREFIX"] = str(Places.from_environment().cache / "bench" / "bytecode")
    with output.open("wb") as out, output.with_suffix(".err").open("wb") as errors:
        process = subprocess.Popen(
            ["taskset", "-c", CORE, *command],
            stdout=out, stderr=errors, env=kept | environment, cwd=CHECKOUT,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = code = os.waitstatus_to_exitcode(status)  # it has been waited for
    if code not in ends:
        said = output.with_suffix(".err").read_text(errors="replace")[-500:]
        raise UnavailableError(command[0], f"ended with {code}: {said}")
    return Ran(usage.ru_utime + usage.ru_stime, code)


def installed(package: str, version: str, *, program: str = "") -> Path:
    """A peer's program in an environment of its own, made the first time: it pins what we use."""
    home = Places.from_environment().cache / "bench" / f"{package}-{version}"
    found = home / "bin" / (program or package)
    if not found.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "-q", "--clear", str(home)], check=True)
        into = ("--python", str(home / "bin" / "python"))
        subprocess.run([uv, "pip", "install", "-q", *into, f"{package}=={version}"], check=True)
    return found
