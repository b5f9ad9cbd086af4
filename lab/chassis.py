"""The power button that a BMC simulator presses: ``lab.chassis HOST get power|set power 0|1``.

Runs inside the site, called by ``ipmi_sim``. Off is only told when no process of the
host is left, since recovery takes a BMC's word as proof that an old primary is dead.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from lab.supervision import SOCKET, Supervisor

GONE_WITHIN = 5.0  # seconds
AFTER_RESET = 0.5  # seconds without power


def is_on(host: str) -> bool:
    """Whether any process of the host is left, as the site sees it."""
    wanted = f"XINGLIN_MACHINE={host}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                return True
        except OSError:
            continue  # ended while we looked
    return _program_runs(host)


def _program_runs(host: str) -> bool:
    states = Supervisor(Path(SOCKET)).programs()
    return any(
        one.name == f"host-{host}" and one.state in ("RUNNING", "STARTING") for one in states
    )


def set_power(host: str, *, on: bool) -> bool:
    """Press the button; whether the host is then as asked."""
    supervisor = Supervisor(Path(SOCKET))
    if on:
        supervisor.start(f"host-{host}", wait=False)
        return True
    supervisor.stop(f"host-{host}")
    deadline = time.monotonic() + GONE_WITHIN
    while is_on(host):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def main(arguments: list[str]) -> int:
    """The calls that ``ipmi_sim`` makes; others are not this chassis' business."""
    host, verb, what, *value = arguments
    if verb == "get" and what == "power":
        print(f"power:{int(is_on(host))}")
        return 0
    if verb == "set" and what == "power":
        return int(not set_power(host, on=value[0] == "1"))
    if verb == "set" and what == "reset":
        off = set_power(host, on=False)
        time.sleep(AFTER_RESET)
        return int(not (off and set_power(host, on=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
