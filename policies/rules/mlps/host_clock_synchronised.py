"""The host's clock follows a source of time.

Why: records of hosts whose clocks differ cannot be put in order, and no chain of events holds.
Clause: GB/T 22239-2019 8.1.4.3 b, 8.1.3.5 b (a record's time).
Fix: `chronyd` with the hospital's servers; `chronyc tracking` must say `Leap status: Normal`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, running
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_clock_synchronised",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.3 b"),
        Clause("GB/T 22239-2019", "8.1.3.5 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("主机时钟已同步", "The host's clock is synchronised"),
    remedy=Text("启用 chrony 并指向院内时间源", "run chrony, with the hospital's source of time"),
)

DAEMONS = ("chronyd", "ntpd", "systemd-timesyncd", "ntpdate")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if nothing sets the clock, or it is not in step."""
    host = facts_of(resource)
    if host.get("clockSynchronized"):
        return
    daemons = running(host, DAEMONS)
    if not daemons:
        yield Text("没有时间同步程序运行", "no program keeps the clock")
    else:
        name = daemons[0]
        yield Text(f"{name} 未同步，或无法读取", f"{name} is not in step, or does not say")
