"""SiteProbe over TCP: whether another site's API servers answer on the network.

A probe asks for a connection, not for a status: an API server that is slow or refuses us is
still a site that lives, and four connections a second must cost nothing (a TLS handshake costs a
millisecond of both sides' CPU). That processes live is what the heartbeat Lease says. A living
site must not be called dead because one of its two API servers is down, so both are asked, at
once, and one answer is enough.
"""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor, as_completed
from urllib.parse import urlsplit

from hospital.estate import Site


class TcpProbe:
    """Connections to a site's own API server and its hub API server."""

    def __init__(self, *, timeout: float = 0.5) -> None:
        """``timeout`` in seconds bounds one probe."""
        self._timeout = timeout
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="probe")

    def reachable(self, site: Site) -> bool:
        """Whether one of the two answers within the timeout; never raises."""
        urls = [site.endpoints.hub, site.endpoints.kubernetes]
        asked = [self._pool.submit(self._answers, url) for url in urls if url]
        return any(answer.result() for answer in as_completed(asked))

    def _answers(self, url: str) -> bool:
        parts = urlsplit(url)
        address = (parts.hostname or "", parts.port or 443)
        try:
            with socket.create_connection(address, timeout=self._timeout):
                return True
        except OSError:
            return False
