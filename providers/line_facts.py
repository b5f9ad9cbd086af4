"""The network of a move, measured from where this program runs: latency, rate, ports, names.

A site can only speak for its own end of a line. Whoever asks from the source sees the way to the
target and the way back of the stream; from the target, the way of the copy; from a third place,
neither, and says so with None. Every probe is bounded in time and changes nothing.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from datetime import time as clock
from statistics import median
from urllib.parse import urlsplit

from hospital.errors import HospitalError
from hospital.estate import Estate, Site
from hospital.prechecks.facts import CertificateFacts, NameFacts, PathFacts, PortFacts
from providers.certificates import certificate
from providers.dns import DnsNames
from providers.handshake import Garbled
from providers.kubernetes import Cluster

SAMPLES = 9  # connections; their median is the latency
POSTGRESQL = 5432
HTTPS = 443
# The largest document that every API server has: some megabytes, rendered once and then kept.
BULK = "/openapi/v2"
_LEAST_BYTES = 2**18  # below it, what was timed is the server and not the line


def latency(host: str, port: int, *, patience: float = 1.0) -> float | None:
    """Median seconds of a TCP connection, which is one round trip; None if one does not answer."""
    times = [connected(host, port, patience=patience) for _ in range(SAMPLES)]
    known = [each for each in times if each is not None]
    return median(known) if len(known) == SAMPLES else None


def connected(host: str, port: int, *, patience: float = 1.0) -> float | None:
    """Seconds until a connection was accepted; None if it was not."""
    began = time.monotonic()
    try:
        with socket.create_connection((host, port), timeout=patience):
            return time.monotonic() - began
    except OSError:
        return None


def bandwidth(fetch: Callable[[], str]) -> float | None:
    """Bytes per second of the better of two fetches: a lower bound of what the line carries."""
    best = 0.0
    with suppress(HospitalError):
        for _ in range(2):
            began = time.monotonic()
            count = len(fetch().encode())
            if count >= _LEAST_BYTES:
                best = max(best, count / (time.monotonic() - began))
    return best or None


def ports(
    estate: Estate, database: str, *, origin: str, purpose: str, patience: float = 1.0
) -> tuple[PortFacts, ...]:
    """The members of a database cluster, called from ``origin``, where this program runs."""
    found = []
    for name in estate.database(database).members:
        address = estate.host(name).address
        answers = connected(address, POSTGRESQL, patience=patience) is not None
        found.append(PortFacts(purpose, origin, f"{address}:{POSTGRESQL}", answers))
    return tuple(found)


def path(
    estate: Estate, here: str, *, source: str, target: str, ways: tuple[str, str], other: Cluster
) -> PathFacts | None:
    """The line between source and target as seen from ``here``; None from a third place.

    ``ways`` are the names of the database clusters at source and target ("" for none), ``other``
    is the API server at the far end.
    """
    if here not in {source, target}:
        return None
    far = estate.site(target if here == source else source)
    parts = urlsplit(far.endpoints.kubernetes)
    reached = latency(parts.hostname or "", parts.port or HTTPS)
    at_source, at_target = ways
    return PathFacts(
        latency_seconds=reached,
        bandwidth_bytes_per_second=bandwidth(lambda: str(other.ask(BULK, accept="*/*"))),
        forward=ports(estate, at_source, origin=here, purpose="copy")
        if here == target and at_source
        else None,
        back=ports(estate, at_target, origin=here, purpose="reverse sync")
        if here == source and at_target
        else None,
    )


def name(names: DnsNames, wanted: str, sites: Iterable[Site]) -> NameFacts:
    """What each site's server answers; those that do not answer are left out."""
    told: dict[str, tuple[str, ...]] = {}
    longest: list[int] = []
    for site in sites:
        if site.endpoints.dns:
            with suppress(HospitalError):
                told[site.name], seconds = names.told(wanted, server=site.endpoints.dns)
                longest.append(seconds)
    return NameFacts(wanted, max(longest, default=None), told or None)


def shown(address: str, wanted: str, *, patience: float = 2.0) -> CertificateFacts | None:
    """The certificate that an ingress shows for a name; nobody verifies it here."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((address, HTTPS), timeout=patience) as line,
            context.wrap_socket(line, server_hostname=wanted) as channel,
        ):
            read = certificate(channel.getpeercert(binary_form=True) or b"")
    except (OSError, Garbled):
        return None
    ends = datetime.combine(read.not_after, clock.max, UTC).timestamp()
    return CertificateFacts(f"{address}:{HTTPS}", read.names, ends)
