"""What lines of ``pg_hba.conf`` let in: the first line that matches a connection decides.

Pure, over plain facts as a survey holds them (``hospital/surveyed/database.py``). A name in the
place of an address is one chosen host; which, only a name server knows, and no rule asks one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from hospital.rule import Plain

EVERYWHERE = "all"  # in the place of an address, a database or a user
REPLICATION = "replication"  # in the place of a database


def admitting(lines: Sequence[Plain]) -> Iterator[Plain]:
    """The lines that let somebody in."""
    return (line for line in lines if line["method"] not in ("", "reject"))


def from_afar(line: Plain) -> bool:
    """Whether the line is about connections that come over a network."""
    network = source(line)
    own = line["address"] == "samehost" or (network is not None and network.is_loopback)
    return line["type"] not in ("", "local") and not own


def source(line: Plain) -> IPv4Network | IPv6Network | None:
    """The addresses of the line; None if it gives none, or a word or a name instead."""
    address, netmask = line["address"], line["netmask"]
    if not address:
        return None
    try:
        if not netmask:
            return ip_network(address, strict=False)
        # Python takes no netmask for IPv6, PostgreSQL shows one: its set bits are the prefix.
        ones = bin(int(ip_network(netmask).network_address)).count("1")
        return ip_network(f"{address}/{ones}", strict=False)
    except ValueError:
        return None


def way_in(lines: Sequence[Plain], role: Plain) -> Plain | None:
    """The first line that lets that role in over a network; None if there is no such line."""
    rejecting: list[Plain] = []
    for line in lines:
        if not from_afar(line) or not _names(line, role):
            continue
        if line["method"] == "reject":
            rejecting.append(line)
        elif not any(_shuts(earlier, line) for earlier in rejecting):
            return line
    return None


def _shuts(earlier: Plain, line: Plain) -> bool:
    """Whether the earlier line rejects all that the later one would let in."""
    held = set(earlier["databases"])
    # Of databases, "all" stands for every one, but never for replication.
    databases = all(
        name in held or (EVERYWHERE in held and name != REPLICATION) for name in line["databases"]
    )
    return databases and earlier["type"] in ("host", line["type"]) and _around(earlier, line)


def _around(earlier: Plain, line: Plain) -> bool:
    if EVERYWHERE in (earlier["address"], line["address"]):
        return bool(earlier["address"] == EVERYWHERE)
    outer, inner = source(earlier), source(line)
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network):
        return inner.subnet_of(outer)
    return bool(earlier["address"] == line["address"] and outer is None and inner is None)


def _names(line: Plain, role: Plain) -> bool:
    groups = {f"+{group}" for group in (role["name"], *role["memberOf"])}
    return bool({EVERYWHERE, role["name"], *groups} & set(line["users"]))
