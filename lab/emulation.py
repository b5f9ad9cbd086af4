"""Running arm64 programs on amd64: qemu's user emulation, registered with the kernel.

The registration is a setting of the whole machine. It is made only where it is absent,
with the flag that keeps the interpreter open (so it works in every mount namespace), and
taken back only if this lab made it and no other lab runs.
"""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

from hospital.errors import UnavailableError

BINFMT = Path("/proc/sys/fs/binfmt_misc")
ENTRY = "xinglin-arm64"
MOUNTED = Path("/run/xinglin-binfmt-mounted")  # a note that a lab mounted binfmt_misc
INTERPRETER = Path("/usr/bin/qemu-aarch64-static")
# The ELF header of a 64-bit little-endian executable or shared object for machine 183.
MAGIC = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00"
MASK = b"\xff" * 7 + b"\x00" + b"\xff" * 8 + b"\xfe\xff\xff\xff"


def is_there() -> bool:
    """Whether this machine runs arm64 programs, natively or by somebody's registration."""
    if platform.machine() in ("aarch64", "arm64"):
        return True
    return any(
        "enabled" in (text := entry.read_text()) and MAGIC.hex() in text and "F" in _flags(text)
        for entry in BINFMT.glob("*")
        if entry.name not in ("register", "status")
    )


def is_possible() -> bool:
    """Whether ``register`` can succeed here."""
    kernel = "binfmt_misc" in Path("/proc/filesystems").read_text(encoding="ascii")
    return is_there() or (INTERPRETER.exists() and (kernel or BINFMT.is_dir()))


def register() -> None:
    """Make the machine run arm64 programs; UnavailableError says what is missing."""
    if not (BINFMT / "register").exists():
        mount = ["mount", "-t", "binfmt_misc", "binfmt_misc", str(BINFMT)]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UnavailableError("binfmt_misc", done.stderr.strip())
        MOUNTED.touch()
    if is_there():
        return
    if not INTERPRETER.exists():
        raise UnavailableError(str(INTERPRETER), "is not there: install qemu-user-static")
    line = b":" + ENTRY.encode() + b":M::" + _escaped(MAGIC) + b":" + _escaped(MASK)
    (BINFMT / "register").write_bytes(line + b":" + str(INTERPRETER).encode() + b":F")


def unregister() -> None:
    """Take back what ``register`` did, and nothing else; call it when no other lab runs."""
    entry = BINFMT / ENTRY
    if entry.exists():
        entry.write_text("-1")
    if MOUNTED.exists():
        subprocess.run(["umount", str(BINFMT)], capture_output=True, check=False)
        MOUNTED.unlink()


def _flags(text: str) -> str:
    return next((line for line in text.splitlines() if line.startswith("flags:")), "")


def _escaped(content: bytes) -> bytes:
    return "".join(f"\\x{byte:02x}" for byte in content).encode()
