"""Load balancers take encrypted connections only, by TLS that still holds.

Why: what enters in clear is read and changed on the way to the border.
Clause: GB/T 22239-2019 8.1.2.2 a and b; GB/T 39786-2021 8.2 c. TLCP and SM suites are for the
endpoint's own rules.
Fix: listen with HTTPS and a policy from TLS 1.2 on; redirect HTTP.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_listener_encrypted",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.2.2 a"),
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
        Clause("GB/T 39786-2021", "8.2 c"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ACCOUNT,),
    title=Text("负载均衡只接受加密连接", "Load balancers take encrypted connections only"),
    remedy=Text(
        "使用 HTTPS 与 TLS 1.2 以上策略，HTTP 仅重定向",
        "HTTPS from TLS 1.2 on; redirect HTTP",
    ),
)

CLEAR = {"HTTP"}  # TCP may carry TLS to the machine behind it
OLD = {"SSLv3", "TLSv1", "TLSv1.1"}  # RFC 8996 deprecates them


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per port in clear that does more than redirect, and per port with old TLS."""
    yield from unread(resource, "balancers", "负载均衡")
    for balancer in each(resource, "balancers"):
        name = balancer["name"]
        if balancer.get("listeners") is None:
            yield Text(f"未能读取 {name} 的监听", f"listeners of {name}: could not be read")
        for one in balancer.get("listeners") or ():
            old = sorted(OLD.intersection(one["versions"]))
            if one["protocol"] in CLEAR and not one["redirects"]:
                yield Text(f"{name}:{one['port']} 明文", f"{name}:{one['port']} listens in clear")
            elif old:
                yield Text(f"{name} 接受 {old[0]}", f"{name}:{one['port']} takes {', '.join(old)}")
