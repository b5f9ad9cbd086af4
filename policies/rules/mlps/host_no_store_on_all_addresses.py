"""Databases, caches and control ports listen on the address they are needed at, not on all.

Why: on a host with a second interface, of a backup or a management network, a port on all
addresses joins zones that were drawn apart.
Clause: GB/T 22239-2019 8.1.4.4 b, 8.1.2.1 d.
Fix: `bind`, `listen_addresses` or its like: one address, or 127.0.0.1.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import ANYWHERE, facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_no_store_on_all_addresses",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 b"), Clause("GB/T 22239-2019", "8.1.2.1 d")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text(
        "数据与控制端口不在所有地址监听", "Stores and control ports do not listen on all addresses"
    ),
    remedy=Text(
        "绑定到业务地址或本机地址",
        "bind it to the one address that is needed, or to the host itself",
    ),
)

STORES = {  # port → what listens there by default
    **{1433: "SQL Server", 1521: "Oracle", 2375: "Docker", 2379: "etcd", 3306: "MySQL"},
    **{5236: "DM8", 5432: "PostgreSQL", 6379: "Redis", 9200: "Elasticsearch", 10255: "kubelet"},
    **{11211: "memcached", 27017: "MongoDB", 54321: "KingbaseES"},
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per port of a store that is open at all addresses."""
    sockets = facts_of(resource).get("listening")
    if sockets is None:
        yield unread("监听端口", "what listens")
    found = {each["port"] for each in sockets or () if each["address"] in ANYWHERE}
    for port in sorted(found & STORES.keys()):
        name = STORES[port]
        yield Text(
            f"{name} 端口 {port} 在所有地址监听", f"{name} ({port}) listens at all addresses"
        )
