"""The API server serves no profiles and no log files.

Why: profiles show memory and stacks of the process that holds every Secret, and taking one costs
it seconds; `/logs` serves the host's `/var/log`.
Clause: GB/T 22239-2019 8.1.4.4 b (no service that is not needed).
Fix: `--profiling=false`, `--enable-logs-handler=false`, no `--debug-socket-path`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="apiserver_serves_no_debugging",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 b"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("API 服务器不提供调试服务", "The API server serves no debugging"),
    remedy=Text(
        "关闭 profiling 与日志接口，不设调试套接字",
        "turn profiling and the logs handler off; set no debug socket",
    ),
)

OFF = {"profiling": "false", "enable-logs-handler": "false", "debug-socket-path": ""}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per service for debugging that is on or could not be read."""
    for name, off in OFF.items():
        value = flag(resource, name)
        if value is None:
            yield unread(name)
        elif value != off:
            yield Text(f"{name} 为 {value}", f"{name} is {value}")
