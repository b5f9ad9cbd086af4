"""A host of ours that holds a member of an asynchronous database has a BMC.

Why: without synchronous replication only a fence that was read back proves that the old primary is
silent; without a BMC the recovery waits for the store's own expiry, 20 s and more.
Clause: GB/T 20988-2025 8.3 (taking over safely); practice, in no clause of its own.
Fix: declare the host's `bmc`, or replicate synchronously.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import databases

RULE = Rule(
    id="host_can_be_fenced",
    clauses=(Clause("GB/T 20988-2025", "8.3"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.SITE,),
    scope=Scope.ESTATE,
    title=Text("数据库主机可被隔离断电", "A database host can be fenced"),
    remedy=Text(
        "填写主机的 bmc，或将数据库改为同步复制",
        "declare the host's bmc, or replicate synchronously",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per host that nobody can switch off; a cloud's hosts have no BMC."""
    site = resource.inputs["site"]
    if site["kind"] != "on-prem":
        return
    bare = [host["name"] for host in site.get("hosts", ()) if not host.get("bmc")]
    for database in databases(facts).values():
        for name in bare:
            member = f"{site['name']}-{name}"
            if database["replication"] == "asynchronous" and member in database["members"]:
                zh = f"主机 {member} 没有 BMC，而 {database['name']} 为异步复制"
                yield Text(zh, f"{member} has no BMC and {database['name']} is asynchronous")
