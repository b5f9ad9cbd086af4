"""Finding a workload by name, the way a well-behaved client does.

Asks the hospital's DNS servers one after the other, the last that answered first, and keeps
an answer no longer than its TTL. A lost site costs one short timeout, and a name that has
moved is noticed at once: after a failed call the client forgets the address.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import dns.asyncquery
import dns.exception
import dns.message
import dns.rdatatype

from hospital.errors import UnavailableError

TIMEOUT = 0.4  # seconds for one server; links in the lab take milliseconds


class Names:
    """Addresses by name, from ``servers`` given as ``address:port``."""

    def __init__(
        self, servers: Sequence[str], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._servers = list(servers)
        self._clock = clock
        self._known: dict[str, tuple[str, float]] = {}

    async def find(self, name: str) -> str:
        """The address of ``name``; UnavailableError if no server answers with one."""
        address, until = self._known.get(name, ("", 0.0))
        if address and self._clock() < until:
            return address
        for server in tuple(self._servers):
            found = await self._ask(server, name)
            if found:
                self._prefer(server)
                address, ttl = found
                self._known[name] = (address, self._clock() + ttl)
                return address
        raise UnavailableError("dns", f"no server answered for {name}")

    def forget(self, name: str) -> None:
        """Ask again next time: the address did not work."""
        self._known.pop(name, None)

    def _prefer(self, server: str) -> None:
        self._servers.remove(server)
        self._servers.insert(0, server)

    async def _ask(self, server: str, name: str) -> tuple[str, float] | None:
        address, _, port = server.rpartition(":")
        query = dns.message.make_query(name, dns.rdatatype.A)
        try:
            reply = await dns.asyncquery.udp(query, address, timeout=TIMEOUT, port=int(port))
        except (dns.exception.DNSException, OSError):
            return None
        for answer in reply.answer:
            if answer.rdtype == dns.rdatatype.A:
                return next(iter(answer)).to_text(), float(answer.ttl)
        return None
