"""Commands on hosts through the OpenSSH client, over connections that are kept open.

The client that every administrator knows, with its own checks of host keys; the first
command to a host opens a connection that later ones share, so that a withdrawal costs
milliseconds when it matters. Never a password, never an unknown host key, never an agent.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from hospital.errors import RefusedError, UnavailableError
from providers.access import Access

_NO_CONNECTION = 255  # ssh's own exit code; a command's code is passed on otherwise
_KEEP_OPEN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said."""

    code: int
    output: str
    errors: str


@contextmanager
def answers(host: str) -> Iterator[None]:
    """Translate what can go wrong with running ssh itself."""
    try:
        yield
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(host, f"no answer within {error.timeout:g} s") from error
    except FileNotFoundError as error:
        raise RefusedError(host, "the OpenSSH client is not installed here") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise UnavailableError(host, f"ssh could not be started: {error}") from error


class Ssh:
    """One identity's way to hosts, as one user."""

    def __init__(
        self, access: Access, *, user: str, timeout: timedelta = timedelta(seconds=2)
    ) -> None:
        self._timeout = timeout.total_seconds()
        self._user = user
        identity = {
            "IdentityFile": access.path("ssh_key"),
            "UserKnownHostsFile": access.path("known_hosts"),
        }
        self._sockets = tempfile.TemporaryDirectory(prefix="xinglin-ssh-")
        self._options = _options(identity, Path(self._sockets.name), timeout)

    def run(self, address: str, command: str) -> Answer:
        """Run ``command`` at ``address``; UnavailableError when the host cannot be reached."""
        line = ["ssh", *self._options, f"{self._user}@{address}", command]
        with answers(address):
            try:
                done = subprocess.run(
                    line,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=self._timeout,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                self._forget(address)
                raise
        if done.returncode == _NO_CONNECTION:
            raise UnavailableError(address, done.stderr.strip() or "ssh got no connection")
        return Answer(done.returncode, done.stdout, done.stderr)

    def close(self) -> None:
        """Close every connection that is kept open."""
        for socket in Path(self._sockets.name).iterdir():
            self._control("exit", "none", f"ControlPath={socket}")
        self._sockets.cleanup()

    def _forget(self, address: str) -> None:
        """Drop a connection that does not answer; the next command makes a new one."""
        self._control("exit", address)

    def _control(self, verb: str, address: str, *options: str) -> None:
        extra = [word for option in options for word in ("-o", option)]
        line = ["ssh", *extra, *self._options, "-O", verb, f"{self._user}@{address}"]
        with answers(address):
            subprocess.run(line, capture_output=True, timeout=self._timeout, check=False)


def _options(identity: Mapping[str, Path], sockets: Path, timeout: timedelta) -> list[str]:
    seconds = max(1, round(timeout.total_seconds()))
    settings = {
        **identity,
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "BatchMode": "yes",
        "ConnectTimeout": seconds,
        "ServerAliveInterval": 5,
        "ServerAliveCountMax": 2,
        "ControlMaster": "auto",
        "ControlPersist": round(_KEEP_OPEN.total_seconds()),
        "ControlPath": sockets / "%C",
        "LogLevel": "ERROR",
    }
    options = ["-F", "none", "-T"]
    for name, value in settings.items():
        options += ["-o", f"{name}={value}"]
    return options
