"""Pulumi's engine at the desk of the lab: which programs, which state, which identity.

The state lies with the lab and ends with it, so a stack never outlives the hospital that it
describes. The passphrase protects nothing here (the lab's state holds no secret, see
``docs/decisions/0003-one-directory-per-identity.md``); a real estate brings its own backend and
its own secrets provider, and none of this file.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hospital.errors import RefusedError
from lab import root
from lab.places import CHECKOUT, Places

STACK = "lab"
IDENTITY = "pulumi"
FAREWELL = 10.0  # seconds


def environment(places: Places, *, identity: str = IDENTITY) -> dict[str, str]:
    """The environment of a program at the desk, ``pulumi`` above all."""
    state = places.lab / "pulumi"
    (state / "stacks").mkdir(parents=True, exist_ok=True)
    programs = (Path(sys.executable).parent, places.tools)
    return {
        **os.environ,
        "PATH": os.pathsep.join([*map(str, programs), os.environ.get("PATH", os.defpath)]),
        "PULUMI_HOME": str(state / "home"),
        "PULUMI_BACKEND_URL": f"file://{state / 'stacks'}",
        "PULUMI_CONFIG_PASSPHRASE": "laboratory",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "XINGLIN_ACCESS": str(places.access(identity)),
        "XINGLIN_STATE": str(places.state),
        "XINGLIN_PROGRAMS": str(places.tools),  # what runs on hosts of applications
    }


def select_stack(places: Places) -> None:
    """Make the stack the selected one, new if it must be; twice is harmless."""
    pulumi(places, "stack", "select", "--create", STACK)


def declared(places: Places, declaration: Path) -> tuple[str, ...]:
    """The words with which the engine takes another declaration than the stack's own."""
    config = places.lab / "pulumi" / f"{declaration.stem}.yaml"
    config.write_text(f"config:\n  xinglin:estate: {declaration}\n")
    return ("--config-file", str(config))


def refused(places: Places, declaration: Path) -> str:
    """What the engine and the policy pack say to a declaration that must not pass.

    A stack of its own beside the lab's, so that nothing of the lab's can change.
    """
    pulumi(places, "stack", "select", "--create", "refused")
    try:
        words = ("--suppress-progress", *declared(places, declaration))
        return pulumi(places, "preview", *words, "--policy-pack", "policies", fails=True)
    finally:
        pulumi(places, "stack", "select", STACK)
        # Making a stack writes its salt beside the stacks that are kept; this one is not.
        (CHECKOUT / "stacks" / "config" / "Pulumi.refused.yaml").unlink(missing_ok=True)


def pulumi(
    places: Places, *arguments: str, say: Callable[[str], None] | None = None, fails: bool = False
) -> str:
    """Run ``pulumi`` at the desk in the checkout; all that it said, also line by line to ``say``.

    Raises RefusedError with its last lines when it fails and ``fails`` was not expected, and the
    other way round.
    """
    # First in a process namespace of its own: nothing that it starts outlives it, however far
    # down (a playbook's workers and their connections have sessions of their own).
    alone = ("unshare", "--pid", "--fork", "--kill-child", "--")
    words = ("pulumi", *arguments, "--non-interactive", "--color=never")
    process = subprocess.Popen(
        root.at_desk((*alone, *words), places),
        cwd=CHECKOUT,
        env=environment(places),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that a Ctrl-C reaches it when we say so, see _end
    )
    lines: list[str] = []
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.append(line.rstrip())
            if say is not None and line.strip():
                say(lines[-1])
        ended = process.wait()
    except BaseException:
        _end(process)
        raise
    if (ended != 0) is not fails:
        told = "\n".join(lines[-30:])
        raise RefusedError(f"pulumi {arguments[0]}", f"exit code {process.returncode}\n{told}")
    return "\n".join(lines)


def _end(process: subprocess.Popen[str]) -> None:
    """Let an engine that nobody waits for any more write its state, then end it for good."""
    with suppress(ProcessLookupError):  # it ended in this moment
        os.killpg(process.pid, signal.SIGINT)  # unshare itself does not listen
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=FAREWELL)
    process.kill()
    process.wait()
