"""Load balancers write down who called.

Why: it is the border: nobody behind it sees the caller's address.
Clause: GB/T 22239-2019 8.1.3.5 a (audit at the border).
Fix: turn on access logs of the balancer.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import amiss, each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_border_logged",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.5 a"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ACCOUNT,),
    title=Text("负载均衡记录访问日志", "Load balancers log who called"),
    remedy=Text(
        "启用访问日志",
        "turn on access logs",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per balancer that writes nothing down."""
    yield from unread(resource, "balancers", "负载均衡")
    for balancer in each(resource, "balancers"):
        name = balancer["name"]
        said = Text(f"负载均衡 {name} 不记录访问", f"balancer {name} logs no access")
        yield from amiss(balancer.get("logged"), said)
