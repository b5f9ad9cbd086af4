"""DNS answers at the sites' own servers: RFC 2136 updates signed with TSIG.

Every site's server is independent, so that no name needs the lost site: an update goes to each
of them, and what a server missed while it was down is put right by the operators' next look.
An unsigned or badly signed answer is never believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.update

from hospital.errors import RefusedError, UnavailableError
from providers.access import Access

# Seconds that a client may go on believing an answer: part of every failover's RTO.
TTL = 1

DARK_SECONDS = 5.0  # for which a server that did not answer is not asked again


@contextmanager
def answers(server: str) -> Iterator[None]:
    """Translate every exception of dnspython and of the socket below it."""
    try:
        yield
    except dns.tsig.PeerError as error:
        raise RefusedError(server, f"does not accept our TSIG key: {error}") from error
    except (dns.exception.Timeout, OSError, EOFError) as error:
        raise UnavailableError(server, f"no answer: {error or type(error).__name__}") from error
    except dns.exception.DNSException as error:
        raise RefusedError(server, f"{type(error).__name__}: {error}") from error


class DnsNames:
    """NameHands over RFC 2136; ``servers`` are ``address:port``."""

    def __init__(self, zone: str, access: Access, *, timeout: float = 1.0) -> None:
        """``zone`` without trailing dot; ``timeout`` in seconds, per server."""
        self._zone = zone
        self._access = access
        self._timeout = timeout
        self._dark_until: dict[str, float] = {}

    def point(self, name: str, *, address: str, servers: Iterable[str]) -> tuple[str, ...]:
        """Make ``name`` answer ``address`` at every server that is up; returns those that took it.

        Raises UnavailableError when no server took it, RefusedError when one said no.
        """
        return self._everywhere(name, address, tuple(servers))

    def remove(self, name: str, *, servers: Iterable[str]) -> tuple[str, ...]:
        """Make ``name`` unknown at every server that is up; returns those that took it."""
        return self._everywhere(name, "", tuple(servers))

    def answer(self, name: str, *, server: str) -> str:
        """The address that one server answers; "" for none."""
        addresses, _ = self.told(name, server=server)
        return addresses[0] if addresses else ""

    def told(self, name: str, *, server: str) -> tuple[tuple[str, ...], int]:
        """All addresses that one server answers, and for how many seconds they may be believed."""
        query = dns.message.make_query(name, dns.rdatatype.A)
        host, port = _endpoint(server)
        with answers(server):
            found = dns.query.udp(query, host, timeout=self._timeout, port=port)
        if found.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            raise RefusedError(server, f"{name}: {dns.rcode.to_text(found.rcode())}")
        addresses = tuple(item.address for group in found.answer for item in group if _is_a(item))
        return addresses, max((group.ttl for group in found.answer), default=0)

    def _everywhere(self, name: str, address: str, servers: tuple[str, ...]) -> tuple[str, ...]:
        """Change the answer at all servers that are not known to be dark, or at all if all are.

        Names move in waves, and a dark server would cost each wave its timeout. It is corrected
        by its own site's operator when it returns.
        """
        now = monotonic()
        servers = tuple(one for one in servers if self._dark_until.get(one, now) <= now) or servers
        with ThreadPoolExecutor(max_workers=max(1, len(servers))) as pool:
            results = list(pool.map(lambda one: self._try(name, address, one), servers))
        for server, failed in zip(servers, results, strict=True):
            self._dark_until[server] = now + DARK_SECONDS if failed else now
        took = tuple(server for server, failed in zip(servers, results, strict=True) if not failed)
        if not took:
            reasons = "; ".join(str(failed) for failed in results)
            raise UnavailableError(", ".join(servers), f"no server took {name}: {reasons}")
        return took

    def _try(self, name: str, address: str, server: str) -> UnavailableError | None:
        try:
            self._update(name, address, server)
        except UnavailableError as error:
            return error
        return None

    def _update(self, name: str, address: str, server: str) -> None:
        message = dns.update.Update(self._zone, keyring=self._keyring(), keyalgorithm=self._algo())
        if address:
            message.replace(f"{name}.", TTL, "A", address)
        else:
            message.delete(f"{name}.", "A")
        host, port = _endpoint(server)
        with answers(server):
            # TCP: a lost datagram would cost the whole timeout.
            reply = dns.query.tcp(message, host, timeout=self._timeout, port=port)
        if reply.rcode() != dns.rcode.NOERROR:
            raise RefusedError(server, f"{name}: {dns.rcode.to_text(reply.rcode())}")

    def _keyring(self) -> dict[dns.name.Name, dns.tsig.Key]:
        key = self._access.document("tsig.json")
        ring: dict[dns.name.Name, dns.tsig.Key] = dns.tsigkeyring.from_text(
            {key["name"]: (self._algo(), key["secret"])}
        )
        return ring

    def _algo(self) -> str:
        return str(self._access.document("tsig.json")["algorithm"])


def _is_a(item: object) -> bool:
    return getattr(item, "rdtype", None) == dns.rdatatype.A


def _endpoint(server: str) -> tuple[str, int]:
    host, _, port = server.rpartition(":")
    return host.strip("[]"), int(port)
