"""What runs on a machine: programs for supervisord, which is every machine's first process.

supervisord restarts what dies, reaps orphans and answers on a socket; killing it
kills the machine, because it is the first process of its own process namespace.
"""

from __future__ import annotations

import shlex
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from xml.parsers.expat import ExpatError

from supervisor.xmlrpc import SupervisorTransport

from hospital.errors import RefusedError, UnavailableError

SOCKET = "/run/supervisor.sock"  # inside a machine that has its own /run
CONFIGURATION = "/etc/supervisor/supervisord.conf"
INCLUDES = "/etc/supervisor/conf.d/*.conf"

YIELDS = 5
"""Niceness of clusters: a real site runs them on machines of their own, and here, on two cores,
the start of twenty pods must not starve the databases and the hub of the moment they need."""


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised program; the defaults fit a server that must always run."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: str = "/"
    autostart: bool = True
    autorestart: str = "true"  # true | unexpected | false
    priority: int = 500  # lower starts earlier, stops later
    start_seconds: int = 1  # alive this long counts as started
    stop_signal: str = "TERM"
    stop_seconds: int = 5
    user: str = ""
    nice: int = 0  # what a real site would run on machines of its own yields to what it protects
    after: str = ""  # address:port that must answer before this starts, so that it need not fail

    def _line(self) -> str:
        command = shlex.join(self.command)
        if self.nice:
            command = f"/usr/bin/nice -n {self.nice} {command}"
        if not self.after:
            return command
        address, _, port = self.after.partition(":")
        wait = f"until : 2>/dev/null </dev/tcp/{address}/{port}; do sleep 0.3; done"
        return shlex.join(("/bin/bash", "-c", f"{wait}; exec {command}"))

    def section(self) -> str:
        """The program's section of a supervisord configuration."""
        lines = {
            "command": self._line(),
            "directory": self.directory,
            "autostart": str(self.autostart).lower(),
            "autorestart": self.autorestart,
            "priority": str(self.priority),
            "startsecs": str(self.start_seconds),
            "startretries": "1000",
            "stopsignal": self.stop_signal,
            "stopwaitsecs": str(self.stop_seconds),
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": f"{{logs}}/{self.name}.log",
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": "1",
        }
        if self.user:
            lines["user"] = self.user
        if self.environment:
            lines["environment"] = ",".join(
                f'{key}="{value}"' for key, value in sorted(self.environment.items())
            )
        body = "\n".join(f"{key}={value.replace('%', '%%')}" for key, value in lines.items())
        return f"[program:{self.name}]\n{body}\n"


def configuration(
    programs: Iterable[Program], *, logs: str, socket: str = SOCKET, includes: str = ""
) -> str:
    """A whole supervisord configuration that runs in the foreground and logs to ``logs``."""
    head = f"""[unix_http_server]
file={socket}
chmod=0700

[supervisord]
nodaemon=true
user=root
logfile={logs}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile=/run/supervisord.pid
identifier=xinglin
childlogdir={logs}
strip_ansi=true
minfds=4096

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{socket}
"""
    sections = [head, *(program.section().replace("{logs}", logs) for program in programs)]
    if includes:
        sections.append(f"[include]\nfiles = {includes}\n")
    return "\n".join(sections)


@dataclass(frozen=True, slots=True)
class ProgramState:
    """What supervisord says of one program."""

    name: str
    state: str  # RUNNING, STOPPED, STARTING, BACKOFF, EXITED, FATAL
    detail: str

    @property
    def running(self) -> bool:
        """Whether the program is up."""
        return self.state == "RUNNING"


class Supervisor:
    """A machine's supervisord, asked over its socket."""

    def __init__(self, socket: Path) -> None:
        self._endpoint = f"supervisord at {socket}"
        self._transport: Any = SupervisorTransport(None, None, f"unix://{socket}")
        self._proxy: Any = xmlrpc.client.ServerProxy("http://x", transport=self._transport)

    def programs(self) -> tuple[ProgramState, ...]:
        """All programs and their states."""
        found = cast("list[dict[str, Any]]", self._call("getAllProcessInfo"))
        return tuple(
            ProgramState(one["name"], one["statename"], one["description"]) for one in found
        )

    def start(self, program: str, *, wait: bool = True) -> None:
        """Start a program; one that runs already is success."""
        self._call("startProcess", program, wait, accepted="ALREADY_STARTED")

    def stop(self, program: str, *, wait: bool = True) -> None:
        """Stop a program; one that does not run is success."""
        self._call("stopProcess", program, wait, accepted="NOT_RUNNING")

    def _call(self, method: str, *arguments: object, accepted: str = "") -> object:
        try:
            return getattr(self._proxy.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            if accepted and fault.faultString.startswith(accepted):
                return None
            raise RefusedError(self._endpoint, fault.faultString) from fault
        except (OSError, xmlrpc.client.ProtocolError, ExpatError) as error:
            raise UnavailableError(self._endpoint, str(error)) from error
        finally:
            self._transport.close()
