"""The lab's root machine: the process below which everything runs, and the ways into it.

It shares the disk of the real machine but none of its networks or processes; its own
network is the wide-area network between the sites and the desk where people work.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from hospital.errors import UnavailableError
from hospital.estate import Estate
from lab.machine import Bind, Machine, start_command, start_environment
from lab.network import SiteNetwork, desk_commands
from lab.places import Places
from lab.sites import machine_program
from lab.supervision import SOCKET, Supervisor, configuration

NAME = "lab"
CLONE_NEWNET = 0x40000000


def install(estate: Estate, networks: Mapping[str, SiteNetwork], places: Places) -> None:
    """Write the root machine's description and the programs that are its sites."""
    logs = places.logs(NAME)
    logs.mkdir(parents=True, exist_ok=True)
    programs = [machine_program(site.name, places) for site in estate.sites]
    config = places.lab / "supervisord.conf"
    config.write_text(configuration(programs, logs=str(logs), socket=str(socket(places))))
    machine = Machine(
        name=NAME,
        init=(sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", str(config)),
        volatile=("/run",),
        binds=(Bind("/dev/null", "/etc/resolv.conf"),),
        setup=desk_commands(dict(networks)),
        environment={"XINGLIN_MACHINE": NAME, "XINGLIN_LAB": str(places.lab)},
    )
    machine.write(places.description(NAME))


def socket(places: Places) -> Path:
    """Where the root machine's supervisord answers."""
    return places.lab / "supervisor.sock"


def supervisor(places: Places, site: str = "") -> Supervisor:
    """The supervisord whose programs are the sites, or that of one site."""
    return Supervisor(path_inside(site, SOCKET, places) if site else socket(places))


def path_inside(machine: str, path: str, places: Places) -> Path:
    """A path of a running machine as we see it; UnavailableError if the machine is off."""
    pid = first_process(places, machine)
    if pid is None:
        raise UnavailableError(machine, "the machine is off")
    return Path(f"/proc/{pid}/root{path}")


_STARTED: list[subprocess.Popen[bytes]] = []
"""Labs that this process started: a Popen that is forgotten while its process lives warns."""


def start(places: Places) -> subprocess.Popen[bytes]:
    """Start the lab's first process; it stays when the caller ends."""
    with (places.logs(NAME) / "init.log").open("ab") as log:
        process = subprocess.Popen(
            start_command(places.description(NAME)),
            env={**os.environ, **start_environment()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _STARTED.append(process)
    return process


def reap() -> None:
    """Let go of labs that this process started and that have ended."""
    _STARTED[:] = [process for process in _STARTED if process.poll() is None]


def first_process(places: Places, machine: str = NAME) -> int | None:
    """Process id, as seen from outside, of a running machine's first process."""
    wanted = {f"XINGLIN_MACHINE={machine}".encode(), f"XINGLIN_LAB={places.lab}".encode()}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environment = set((entry / "environ").read_bytes().split(b"\0"))
            if wanted <= environment and _is_first(entry):
                return int(entry.name)
        except OSError:
            continue  # ended while we looked
    return None


def running(places: Places) -> int:
    """Process id of the lab's first process; UnavailableError that says how to start one."""
    pid = first_process(places)
    if pid is None:
        raise UnavailableError(str(places.lab), "no lab is running here; start it: xinglin lab up")
    return pid


def enter(places: Places | None = None) -> None:
    """Move this process (its calling thread and what it starts) to the lab's desk network.

    There is no way back, and no route from there to any other network. Needs root.
    """
    pid = running(places or Places.from_environment())
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        if libc.setns(descriptor, CLONE_NEWNET) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), "setns")
    finally:
        os.close(descriptor)


def at_desk(command: tuple[str, ...], places: Places) -> tuple[str, ...]:
    """The command line that runs ``command`` with our files and the lab's desk network."""
    return ("nsenter", "--target", str(running(places)), "--net", "--", *command)


def others(places: Places) -> bool:
    """Whether another lab runs on this machine."""
    wanted = f"XINGLIN_MACHINE={NAME}".encode()
    ours = f"XINGLIN_LAB={places.lab}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # ended while we looked
        if wanted in environment and ours not in environment:
            return True
    return False


def inside(machine: str, command: tuple[str, ...], places: Places) -> tuple[str, ...]:
    """The command line that runs ``command`` in a machine; UnavailableError if it is off."""
    pid = first_process(places, machine)
    if pid is None:
        raise UnavailableError(machine, "the machine is off")
    spaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd")
    return ("nsenter", "--target", str(pid), *spaces, "--", *command)


def _is_first(process: Path) -> bool:
    for line in (process / "status").read_text().splitlines():
        if line.startswith("NSpid:"):
            return line.split()[-1] == "1"
    return False
