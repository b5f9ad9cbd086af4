"""HTTPS with our certificates and our errors: what every JSON-over-HTTPS adapter shares.

One place translates httpx into ``hospital.errors``, so that no adapter can forget a way to
fail. An answer that is an error is the adapter's to read; no answer is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx

from hospital.errors import RefusedError, UnavailableError
from providers.access import Access

# What the same request may survive later; everything else of httpx is our own mistake.
_TRY_AGAIN = (httpx.TransportError, httpx.DecodingError)


@contextmanager
def answers(endpoint: str) -> Iterator[None]:
    """Translate every exception of httpx: no answer → UnavailableError, the rest → RefusedError."""
    try:
        yield
    except _TRY_AGAIN as error:
        raise UnavailableError(endpoint, _says(error)) from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict) as error:
        raise RefusedError(endpoint, _says(error)) from error


def client(
    base_url: str, access: Access, *, timeout: timedelta, auth: tuple[str, str] | None = None
) -> httpx.Client:
    """A client that keeps its connection, trusts our authority only and never asks a proxy."""
    return httpx.Client(
        base_url=base_url,
        verify=access.tls(),
        timeout=timeout.total_seconds(),
        auth=auth,
        trust_env=False,
        # A connection that idled through a cut would cost a whole timeout to find out.
        limits=httpx.Limits(max_connections=8, keepalive_expiry=30),
    )


def _says(error: Exception) -> str:
    return str(error) or type(error).__name__
