"""runc that runs programs of one architecture only.

With emulation registered for the whole machine every node would run everything. This
stands between containerd and runc: a container whose first program is of another
architecture fails to start with the kernel's own words, as on real hardware. It runs as
a plain file, without the project's packages, so it imports the standard library only.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from pathlib import Path

MACHINES = {"amd64": 62, "arm64": 183, "loong64": 258}  # e_machine of the ELF header
RUNC = "/usr/sbin/runc"
LINKS = 40  # as many as the kernel follows


def machine_of(program: Path) -> int | None:
    """The ELF machine of a program; None for what is no ELF file, such as a script."""
    try:
        with program.open("rb") as file:
            header = file.read(20)
    except OSError:
        return None
    if header[:4] != b"\x7fELF" or len(header) < 20:
        return None
    (machine,) = struct.unpack("<H" if header[5] == 1 else ">H", header[18:20])
    return int(machine)


def first_program(bundle: Path) -> Path | None:
    """The file that the container in ``bundle`` starts with, looked up in its own PATH."""
    config = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
    root = bundle / config["root"]["path"]
    process = config["process"]
    name = process["args"][0]
    if "/" in name:
        return _inside(root, Path(process["cwd"]) / name)
    path = dict(item.partition("=")[::2] for item in process.get("env", ())).get("PATH", "/bin")
    found = (_inside(root, Path(part) / name) for part in path.split(":"))
    return next((one for one in found if one.is_file()), None)


def _inside(root: Path, path: Path) -> Path:
    """A path of the container as we see it; neither links nor ``..`` lead out of its root."""
    waiting = list(path.parts[1:])
    inside = Path("/")
    links = 0
    while waiting:
        inside = Path(os.path.normpath(inside / waiting.pop(0)))
        seen = root / str(inside).lstrip("/")
        if seen.is_symlink() and links < LINKS:
            links += 1
            target = seen.readlink()
            inside = Path("/") if target.is_absolute() else inside.parent
            waiting[:0] = [part for part in target.parts if part != "/"]
    return root / str(inside).lstrip("/")


def refusal(architecture: str, arguments: list[str]) -> str:
    """Why runc must not be run with these arguments; empty if it may."""
    if "create" not in arguments and "run" not in arguments:
        return ""
    bundle = Path(_option(arguments, "--bundle") or _option(arguments, "-b") or ".")
    program = first_program(bundle)
    machine = machine_of(program) if program else None
    if machine is None or machine == MACHINES[architecture]:
        return ""
    return f"exec {program and program.name}: exec format error (this node is {architecture})"


def _option(arguments: list[str], name: str) -> str:
    for position, argument in enumerate(arguments):
        if argument == name and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return ""


def main(arguments: list[str]) -> None:
    """``native.py ARCHITECTURE RUNC-ARGUMENTS...``"""
    architecture, *passed = arguments
    problem = refusal(architecture, passed)
    if not problem:
        os.execv(RUNC, [RUNC, *passed])
    log = _option(passed, "--log")
    if log:  # where containerd's shim looks for the reason
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"level": "error", "msg": problem}) + "\n")
    sys.exit(problem)


if __name__ == "__main__":
    main(sys.argv[1:])
