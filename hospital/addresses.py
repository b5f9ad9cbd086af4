"""Addresses and ports: what an endpoint says about who can reach it.

Only literal addresses are judged: a rule asks no name server, and must never take a name that it
cannot read for a private address or for a public one.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

MANAGEMENT_PORTS: Mapping[int, str] = {
    21: "FTP", 22: "SSH", 23: "Telnet", 135: "RPC", 137: "NetBIOS", 138: "NetBIOS",
    139: "NetBIOS", 445: "SMB", 623: "IPMI", 1433: "SQL Server", 1521: "Oracle", 2375: "Docker",
    2376: "Docker", 2379: "etcd", 2380: "etcd", 2881: "OceanBase", 3306: "MySQL", 3389: "RDP",
    4000: "TiDB", 5236: "DM8", 5432: "PostgreSQL", 5900: "VNC", 6379: "Redis", 6443: "Kubernetes",
    8008: "Patroni", 9200: "Elasticsearch", 10250: "kubelet", 10255: "kubelet",
    11211: "memcached", 27017: "MongoDB", 54321: "KingbaseES",
}  # fmt: skip
"""Ports by which machines and databases are administered, and who listens there by default."""


def host_of(endpoint: str) -> str:
    """The host of a URL, of ``address:port`` or of a bare address; "" if there is none."""
    if ":" in endpoint and literal(endpoint) is not None:
        return endpoint  # IPv6 without brackets
    try:
        return urlsplit(endpoint if "//" in endpoint else f"//{endpoint}").hostname or ""
    except ValueError:
        return ""  # such as an opening bracket without its end


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that ``host`` spells out; None if it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_public(endpoint: str) -> bool:
    """Whether the endpoint stands on a literal address that the whole Internet routes to."""
    address = literal(host_of(endpoint))
    return address is not None and address.is_global
