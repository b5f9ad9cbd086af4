"""The control groups below which a lab's kubelets keep their pods.

They are the whole machine's, so they carry the lab's own name and go with it. Both
versions: in version 1 every controller is a tree of its own and ``cpuset`` starts empty;
in version 2 there is one tree and controllers are handed down. A machine that starts empties its
own (``python -m lab.control_groups NAME``), as a reboot does: a kubelet that finds the groups of
its former life asks containerd about every one of them, 3 s each, before it starts any pod.
"""

from __future__ import annotations

import errno
import sys
from pathlib import Path

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

ROOT = Path("/sys/fs/cgroup")
CONTROLLERS = ("cpu", "cpuset", "memory", "pids", "io")  # what a kubelet uses


def is_unified(root: Path = ROOT) -> bool:
    """Whether the machine has version 2 only."""
    return (root / "cgroup.controllers").exists()


def make(name: str, *, root: Path = ROOT) -> None:
    """Have the group ``name`` (may have several parts) in every hierarchy, ready to be used."""
    for tree in _trees(root):
        directory = tree
        for part in name.strip("/").split("/"):
            _hand_down(directory)
            directory = directory / part
            directory.mkdir(exist_ok=True)
            _fill(directory)
        _hand_down(directory)


def remove(name: str, *, root: Path = ROOT) -> None:
    """Remove the group and everything below it; its processes must be dead."""
    for tree in _trees(root):
        top = tree / name.strip("/")
        if top.is_dir():
            below = [path for path in top.rglob("*") if path.is_dir()]
            for directory in sorted(below, key=lambda path: len(path.parts), reverse=True):
                _remove(directory)
            _remove(top)


def renew(name: str, *, root: Path = ROOT) -> None:
    """Have the group, and nothing of a former life in it."""
    remove(name, root=root)
    make(name, root=root)


def _trees(root: Path) -> list[Path]:
    if is_unified(root):
        return [root]
    # The version 2 tree beside version 1 has no controllers, but runc uses it as well.
    return sorted({path.resolve() for path in root.iterdir() if path.is_dir()})


def _hand_down(directory: Path) -> None:
    """In version 2 a group's controllers must be named before those below may use them."""
    control = directory / "cgroup.subtree_control"
    if control.exists():
        there = (directory / "cgroup.controllers").read_text().split()
        control.write_text(" ".join(f"+{name}" for name in CONTROLLERS if name in there))


def _fill(directory: Path) -> None:
    """In version 1 a new ``cpuset`` has no processors and no memory."""
    if (directory / "cgroup.controllers").exists():
        return
    for name in ("cpuset.cpus", "cpuset.mems"):
        file = directory / name
        if file.exists() and not file.read_text().strip():
            file.write_text((directory.parent / name).read_text())


@retry(
    retry=retry_if_exception_type(OSError),
    stop=stop_after_delay(5),
    wait=wait_fixed(0.05),
    reraise=True,
)
def _remove(directory: Path) -> None:
    """A group stays busy for a moment after its last process died."""
    try:
        directory.rmdir()
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise


if __name__ == "__main__":
    renew(sys.argv[1])
