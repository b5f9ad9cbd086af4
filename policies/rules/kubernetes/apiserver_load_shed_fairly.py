"""A flood of requests from one client does not starve the others.

Why: in a failover every client comes back at once. With priority and fairness leader elections and
nodes are still served; without it, whoever asks most often is.
Clause: GB/T 22239-2019 8.1.2.1 a (capacity suffices at the peak). Advisory: how much it needs, only
a load test shows.
Fix: leave `--enable-priority-and-fairness` on, and the limits of requests in flight above zero.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="apiserver_load_shed_fairly",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 a"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("API 服务器公平限流", "The API server sheds load fairly"),
    remedy=Text(
        "保持 --enable-priority-and-fairness=true，并发上限大于 0",
        "leave --enable-priority-and-fairness on and limits above zero",
    ),
)

LIMITS = ("max-requests-inflight", "max-mutating-requests-inflight")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if nothing bounds or sorts the requests, as far as the flags tell."""
    if flag(resource, "enable-priority-and-fairness") != "true":
        yield Text("未启用请求优先级与公平性", "priority and fairness of requests is off")
    for name in LIMITS:
        if flag(resource, name) in (None, "0"):
            yield Text(f"{name} 未设上限", f"{name} bounds nothing")
