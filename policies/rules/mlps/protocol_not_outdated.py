"""No version of SSL, and no TLS before 1.2, is accepted.

Why: POODLE, BEAST and forced downgrades work on them, and none of their suites is sound. A server
that takes them lets an attacker choose them.
Clause: GB/T 22239-2019 8.1.2.2 b, 8.1.4.8 a; GB/T 39786-2021 chapter 5 (protocols). RFC 7568 and
RFC 8996 forbid them.
Fix: set the least version to TLS 1.2 (`ssl-min-ver TLSv1.2`, `ssl_min_protocol_version`). Devices
that know nothing newer go behind a gateway of their own.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.ciphers import OUTDATED
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="protocol_not_outdated",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
        Clause("GB/T 22239-2019", "8.1.4.8 a"),
        Clause("GB/T 39786-2021", "第5章 密码技术"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ENDPOINT,),
    title=Text("不接受过时的协议版本", "No outdated version of TLS is accepted"),
    remedy=Text("最低版本设为 TLS 1.2", "set the least version to TLS 1.2"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per outdated version."""
    address = resource.inputs["address"]
    for protocol in resource.inputs["facts"]["protocols"]:
        if protocol in OUTDATED:
            yield Text(f"{address} 接受 {protocol}", f"{address} accepts {protocol}")
