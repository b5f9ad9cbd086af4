"""An API server and its store prove to each other who they are.

Why: etcd holds every Secret and every right. Over plain HTTP, or without a client certificate,
whoever reaches its port is the cluster's administrator.
Clause: GB/T 39786-2021 8.2 a (peers prove who they are), 8.2 c; GB/T 22239-2019 8.1.2.2 b.
Fix: `https` in `--etcd-servers`, and `--etcd-cafile`, `--etcd-certfile`, `--etcd-keyfile`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, listed, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="store_reached_by_mutual_tls",
    clauses=(
        Clause("GB/T 39786-2021", "8.2 a"),
        Clause("GB/T 39786-2021", "8.2 c"),
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.CLUSTER,),
    title=Text("API 服务器与 etcd 双向认证", "API server and etcd know each other"),
    remedy=Text(
        "etcd 地址用 https，并设置 CA、证书与私钥",
        "use https for etcd, and set its authority, a certificate and a key",
    ),
)

FILES = ("etcd-cafile", "etcd-certfile", "etcd-keyfile")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per address in plain text, and per proof that is missing."""
    servers = flag(resource, "etcd-servers")
    if not servers:
        yield unread("etcd-servers")
    for server in listed(servers or ""):
        if not server.startswith("https://"):
            yield Text(f"etcd 地址 {server} 未加密", f"etcd at {server} is reached in plain text")
    for name in FILES:
        if not flag(resource, name):
            yield Text(f"未设置 {name}", f"{name} is not set")
