"""A machine: a process tree with a disk, a network plug and a power button.

A machine has its own process, mount, network, host name and IPC namespaces. Its root
is the parent's root below an overlay whose upper layer is its disk, so it changes
nothing outside. It is one supervised program of its parent: stopping that program is
pulling the plug (SIGKILL to everything at once, the network included), starting it is
power on with the same disk. Machines nest: the lab, its sites, their hosts.

It must never be possible that a machine outlives its parent: the first process of a
process namespace takes all others with it, and ``unshare --kill-child`` ties it to
the program that the parent supervises.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hospital.errors import RefusedError
from lab.places import CHECKOUT

NAMESPACES = ("--pid", "--mount", "--net", "--uts", "--ipc")


@dataclass(frozen=True, slots=True)
class Bind:
    """A directory or file of the parent that the machine sees at the same or another path."""

    source: str
    target: str = ""  # empty: the same path
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Plug:
    """A network cable: ``device`` inside, ``peer`` on the parent's ``bridge``."""

    bridge: str
    peer: str  # at most 15 characters
    address: str  # with prefix length
    device: str = "eth0"


@dataclass(frozen=True, slots=True)
class Machine:
    """Everything needed to start a machine; written as JSON, read by ``python -m lab.machine``."""

    name: str
    init: tuple[str, ...]  # becomes the first process
    disk: str = ""  # empty: the machine shares its parent's root and has private mounts only
    lower: str = "/"  # what lies below the overlay
    hidden: tuple[str, ...] = ()  # directories replaced by empty ones
    volatile: tuple[str, ...] = ("/run", "/tmp")  # empty at every start
    binds: tuple[Bind, ...] = ()
    plug: Plug | None = None
    setup: tuple[tuple[str, ...], ...] = ()  # commands run inside, before ``init``
    environment: Mapping[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Keep the description where the parent's supervisord starts it from."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Machine:
        """The description written by ``write``."""
        data = json.loads(path.read_text(encoding="utf-8"))
        data["binds"] = tuple(Bind(**bind) for bind in data["binds"])
        data["plug"] = Plug(**data["plug"]) if data["plug"] else None
        for name in ("init", "hidden", "volatile"):
            data[name] = tuple(data[name])
        data["setup"] = tuple(tuple(command) for command in data["setup"])
        return cls(**data)


def start_command(description: Path) -> tuple[str, ...]:
    """The command that is the machine for its parent: it lives exactly as long as the machine."""
    return (sys.executable, "-m", "lab.machine", str(description))


def start_environment() -> dict[str, str]:
    """What ``start_command`` needs in its environment."""
    return {"PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"}


def main(arguments: list[str]) -> None:
    """Outside: leave for new namespaces. Inside: make the machine and become its first process."""
    description = Path(arguments[0])
    if len(arguments) == 1:
        outside = os.open("/proc/self/ns/net", os.O_RDONLY)
        os.set_inheritable(outside, True)
        again = (*start_command(description), str(outside))
        os.execvp("unshare", ["unshare", "--fork", "--kill-child=SIGKILL", *NAMESPACES, *again])
    boot(Machine.read(description), parent_network=int(arguments[1]))


def boot(machine: Machine, *, parent_network: int) -> None:
    """Turn this process, alone in new namespaces, into ``machine``; does not return."""
    _run("hostname", machine.name)
    _run("ip", "link", "set", "lo", "up")
    if machine.plug:
        _connect(machine.plug, parent_network)
    os.close(parent_network)
    root = _root(machine)
    _mounts(machine, root)
    if machine.disk:
        _pivot(root)
    for command in machine.setup:
        _run(*command)
    os.execve(machine.init[0], list(machine.init), _environment(machine))


def _environment(machine: Machine) -> dict[str, str]:
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LANG": "C.UTF-8",
        **machine.environment,
    }


def _connect(plug: Plug, parent_network: int) -> None:
    """A pair of virtual devices; it goes with the namespaces, so a dead machine is silent."""
    outside = f"/proc/self/fd/{parent_network}"
    fds = (parent_network,)
    in_parent = ("nsenter", f"--net={outside}")
    # The previous life's device may still be waiting for the kernel to clean up.
    subprocess.run(
        [*in_parent, "ip", "link", "delete", plug.peer],
        pass_fds=fds, capture_output=True, check=False,
    )  # fmt: skip
    link = ("ip", "link", "add", plug.device, "type", "veth", "peer", "name", plug.peer)
    _run(*link, "netns", outside, pass_fds=fds)
    _run(*in_parent, "ip", "link", "set", plug.peer, "master", plug.bridge, "up", pass_fds=fds)
    _run("ip", "address", "add", plug.address, "dev", plug.device)
    _run("ip", "link", "set", plug.device, "up")


def _root(machine: Machine) -> Path:
    """Where the machine's root will be, mounted but not yet entered."""
    if not machine.disk:
        return Path("/")
    disk = Path(machine.disk)
    for part in ("upper", "work", "root"):
        (disk / part).mkdir(parents=True, exist_ok=True)
    layers = f"lowerdir={machine.lower},upperdir={disk}/upper,workdir={disk}/work"
    _run("mount", "-t", "overlay", f"xinglin-{machine.name}", "-o", layers, str(disk / "root"))
    return disk / "root"


def _mounts(machine: Machine, root: Path) -> None:
    if machine.disk:
        _run("mount", "-t", "proc", "proc", f"{root}/proc")
        _run("mount", "-t", "sysfs", "sysfs", f"{root}/sys")
        _run("mount", "--rbind", "/sys/fs/cgroup", f"{root}/sys/fs/cgroup")
        _run("mount", "--rbind", "/dev", f"{root}/dev")
        _run("mount", "-t", "tmpfs", "-o", "mode=1777", "shm", f"{root}/dev/shm")
        _run("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666", "pts", f"{root}/dev/pts")
    else:
        _run("mount", "-t", "proc", "proc", "/proc")
    for path in machine.volatile:
        mode = "1777" if path == "/tmp" else "0755"
        _run("mount", "-t", "tmpfs", "-o", f"mode={mode}", "volatile", f"{root}{path}")
    for path in machine.hidden:
        _empty(root, path)
    for bind in machine.binds:
        _bind(bind, root)


def _empty(root: Path, path: str) -> None:
    target = root / path.lstrip("/")
    if target.is_dir():
        _run("mount", "-t", "tmpfs", "-o", "mode=0711", "hidden", str(target))


def _bind(bind: Bind, root: Path) -> None:
    source, target = Path(bind.source), root / (bind.target or bind.source).lstrip("/")
    if stat.S_ISDIR(source.stat().st_mode):
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _run("mount", "--bind", str(source), str(target))
    if not bind.writable:
        _run("mount", "-o", "remount,bind,ro", str(target))


def _pivot(root: Path) -> None:
    old = root / ".parent"
    old.mkdir(exist_ok=True)
    _run("pivot_root", str(root), str(old))
    os.chdir("/")
    _run("umount", "--lazy", "/.parent")


def _run(*command: str, pass_fds: tuple[int, ...] = ()) -> None:
    done = subprocess.run(command, capture_output=True, text=True, pass_fds=pass_fds, check=False)
    if done.returncode:
        raise RefusedError(" ".join(command), done.stderr.strip() or f"exit {done.returncode}")


if __name__ == "__main__":
    main(sys.argv[1:])
