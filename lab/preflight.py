"""What this machine can run: looked at before anything is started.

What is missing for the whole lab is an error that says what to do; what is missing for
a real node only makes KWOK stand in at that site, and every report says so.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from hospital.errors import UnavailableError
from hospital.estate import Architecture, Estate
from lab import arm64, control_groups, emulation, node

MEMORY_MIB = 7000  # what three sites with their nodes, hosts and databases need at most
PROGRAMS = {
    "unshare": "util-linux", "nsenter": "util-linux", "ip": "iproute2", "mount": "mount",
    "sshd": "openssh-server", "named": "bind9", "ipmi_sim": "openipmi", "sysctl": "procps",
}  # fmt: skip
NODE_PROGRAMS = {
    "containerd": "containerd", "runc": "runc", "nft": "nftables", "conntrack": "conntrack",
}  # fmt: skip
CNI = Path("/usr/lib/cni/bridge")
CONTROLLERS = ("cpu", "cpuset", "memory", "pids")


@dataclass(frozen=True, slots=True)
class Ability:
    """What the lab will be made of here."""

    real_nodes: frozenset[str]  # sites whose node is real; KWOK stands in elsewhere
    emulation_needed: bool
    foreign: tuple[str, ...]  # versions of PostgreSQL that run emulated
    lines: tuple[str, ...]  # what a person should know


def examine(estate: Estate) -> Ability:
    """Look; UnavailableError if no lab can run here at all."""
    _demand()
    missing = _missing_for_nodes()
    lines = [f"no real nodes, KWOK stands in: {reason}" for reason in missing]
    real = set()
    emulated = False
    for site in estate.sites:
        if missing:
            continue
        if node.architecture(site) is Architecture.AMD64:
            real.add(site.name)
        elif emulation.is_possible():
            real.add(site.name)
            emulated = True
        else:
            lines.append(f"{site.name}: no arm64 emulation, KWOK stands in: qemu-user-static")
    foreign = arm64.versions(estate)
    if foreign and not emulation.is_possible():
        lines.append(f"no arm64 emulation, PostgreSQL {', '.join(foreign)} cannot start there:")
        lines.append("  install qemu-user-static, or take the database and its migrations out")
        foreign = ()
    memory = _available_mebibytes()
    if memory < MEMORY_MIB:
        lines.append(
            f"only {memory} MiB of memory are free, {MEMORY_MIB} are wanted: expect slowness"
        )
    return Ability(frozenset(real), emulated or bool(foreign), foreign, tuple(lines))


def _demand() -> None:
    if os.geteuid() != 0:
        raise UnavailableError("this machine", "the lab needs root: namespaces, mounts, networks")
    absent = sorted({package for name, package in PROGRAMS.items() if not shutil.which(name)})
    if absent:
        raise UnavailableError(
            "this machine", f"missing packages: apt-get install {' '.join(absent)}"
        )
    if "overlay" not in Path("/proc/filesystems").read_text(encoding="ascii"):
        raise UnavailableError(
            "this machine", "the kernel has no overlay file system: modprobe overlay"
        )


def _missing_for_nodes() -> tuple[str, ...]:
    absent = sorted({package for name, package in NODE_PROGRAMS.items() if not shutil.which(name)})
    if not CNI.exists():
        absent.append("containernetworking-plugins")
    reasons = [f"missing packages {', '.join(absent)}"] if absent else []
    lacking = [one for one in CONTROLLERS if not _has_controller(one)]
    if lacking:
        reasons.append(f"no control group controllers {', '.join(lacking)}")
    return tuple(reasons)


def _has_controller(name: str) -> bool:
    root = control_groups.ROOT
    if control_groups.is_unified():
        return name in (root / "cgroup.controllers").read_text(encoding="ascii").split()
    return (root / name).is_dir()


def _available_mebibytes() -> int:
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) // 1024
    return 0
