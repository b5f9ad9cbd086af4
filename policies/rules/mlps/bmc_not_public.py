"""No baseboard management controller has a public address.

Why: IPMI hands out a hash of the password to whoever asks, and switches the host off; no filter in
front makes it fit for the Internet.
Clause: GB/T 22239-2019 8.1.4.1 c (remote management must not leak credentials), 8.1.4.4 c.
Fix: put the BMC into a management network of its own.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.addresses import is_public
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="bmc_not_public",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.1 c"), Clause("GB/T 22239-2019", "8.1.4.4 c")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.SITE,),
    title=Text("BMC 不使用公网地址", "A BMC has no public address"),
    remedy=Text("将 BMC 置于独立的管理网", "put the BMC into a management network of its own"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per host whose BMC the Internet routes to."""
    for host in resource.inputs["site"].get("hosts", ()):
        address = (host.get("bmc") or {}).get("address", "")
        if address and is_public(address):
            name = host["name"]
            yield Text(
                f"主机 {name} 的 BMC 位于公网：{address}", f"BMC of {name} is public: {address}"
            )
