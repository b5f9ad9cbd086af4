"""A line to an endpoint that is probed: connections that end in time, whatever the other side does.

Bounded in seconds and bytes. What a server says that is no TLS counts as "does not accept"; a
connection that cannot be made is UnavailableError, for it says nothing about the endpoint.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from hospital.errors import UnavailableError
from hospital.surveyed.endpoint import Asked, Plaintext
from providers.flight import listen
from providers.handshake import Answer, Garbled, Offer, client_hello
from providers.tls13 import Shares

LARGEST_REPLY = 2**13  # bytes of what is said inside a channel, or in clear
LEGACY_SERVER_CONNECT = 0x4  # `ssl.OP_LEGACY_SERVER_CONNECT`, which Python names from 3.12
_SSL_REQUEST = struct.pack("!II", 8, 80877103)
_STARTUP = b"\0\x03\0\0user\0xinglin-survey\0database\0postgres\0\0"  # protocol 3.0
_MAX_AGE = re.compile(rb"^strict-transport-security:[^\r\n]*max-age=\"?(\d{1,12})", re.I | re.M)


class Speech(StrEnum):
    """What the endpoint speaks inside its channel."""

    HTTP = "http"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to look; ``names`` is what callers call it by: DNS names, or its address."""

    host: str
    port: int
    names: tuple[str, ...]
    speech: Speech = Speech.HTTP

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came through a whole handshake without a certificate of ours."""

    asked: Asked  # REQUIRED: it did not go on
    hsts: int | None  # None: no answer in HTTP


@dataclass(slots=True)
class _Stream:
    """A connection that must have said all by ``end``."""

    connection: socket.socket
    end: float

    def send(self, content: bytes) -> None:
        self._hurry()
        self.connection.sendall(content)

    def read(self, most: int) -> bytes:
        self._hurry()
        return self.connection.recv(most)

    def exactly(self, count: int) -> bytes:
        """So many bytes; EOFError when the other side has no more."""
        found = bytearray()
        while len(found) < count:
            more = self.read(count - len(found))
            if not more:
                raise EOFError
            found += more
        return bytes(found)

    def _hurry(self) -> None:
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)


@dataclass(frozen=True, slots=True)
class Line:
    """The way to one endpoint: ``patience`` for one conversation, ``end`` for all of them."""

    target: Target
    patience: float  # seconds
    end: float  # of `time.monotonic`

    @contextmanager
    def connected(self) -> Iterator[_Stream]:
        """A new connection; UnavailableError if it cannot be made, or the time is over."""
        if time.monotonic() > self.end:
            raise UnavailableError(self.target.address, "answers too slowly to be probed")
        try:
            made = socket.create_connection(
                (self.target.host, self.target.port), timeout=self.patience
            )
        except OSError as error:
            raise UnavailableError(self.target.address, str(error)) from error
        with made:
            yield _Stream(made, time.monotonic() + self.patience)

    def converse(self, offer: Offer, *, shares: Shares | None = None) -> Answer:
        """What the server says to an offer, up to where it waits for us; empty if that is no TLS.

        With ``shares``, the encrypted part of TLS 1.3 is read as well.
        """
        answer = Answer()
        with self.connected() as stream:
            try:
                if self._begins(stream):
                    hello = client_hello(offer)
                    stream.send(hello)
                    listen(stream.exactly, offer, answer, hello=hello, shares=shares)
            except TimeoutError:
                answer.silent = answer.suite is None
            except (Garbled, OSError, EOFError):
                pass  # what it said until then is kept, and judged by what is in it
        return answer

    def in_clear(self, *, encrypted: bool) -> Plaintext:
        """What the endpoint does with a caller without TLS; ``encrypted``: it takes TLS as well."""
        database = self.target.speech is Speech.POSTGRESQL
        with self.connected() as stream:
            try:
                stream.send(_startup() if database else self._request())
                reply = _all(stream, 1 if database else LARGEST_REPLY)
            except OSError:
                reply = b""
        if database:
            return Plaintext.ANSWERED if reply == b"R" else Plaintext.REFUSED
        return _http_in_clear(reply, encrypted=encrypted)

    def through(self, name: str) -> Reply | None:
        """Go through a whole handshake and say a word; None if ours and theirs do not fit."""
        context = _context()
        with self.connected() as stream:
            try:
                if not self._begins(stream):
                    return None
                with context.wrap_socket(stream.connection, server_hostname=name or None) as inner:
                    return self._word(_Stream(inner, stream.end))
            except ssl.SSLError as error:
                return Reply(Asked.REQUIRED, None) if _wants_us(error) else None
            except (OSError, EOFError, ValueError):
                return None

    def _word(self, stream: _Stream) -> Reply:
        database = self.target.speech is Speech.POSTGRESQL
        stream.send(_startup() if database else self._request())
        try:
            reply = _all(stream, 1 if database else LARGEST_REPLY)
        except (ConnectionError, ssl.SSLEOFError):
            reply = b""
        if not reply:
            return Reply(Asked.REQUIRED, None)  # TLS 1.3: only now it says that it wanted one
        if database:
            return Reply(Asked.REQUESTED, None)
        age = _MAX_AGE.search(reply.partition(b"\r\n\r\n")[0])
        return Reply(Asked.REQUESTED, int(age.group(1)) if age else 0)

    def _begins(self, stream: _Stream) -> bool:
        """Say what the protocol wants said before TLS."""
        if self.target.speech is Speech.HTTP:
            return True
        stream.send(_SSL_REQUEST)
        return stream.exactly(1) == b"S"

    def _request(self) -> bytes:
        host = self.target.names[0]
        return f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("ascii")


def _context() -> ssl.SSLContext:
    """Takes whatever is taken: nothing secret goes through, and nothing that comes is believed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= LEGACY_SERVER_CONNECT
    return context


def _wants_us(error: ssl.SSLError) -> bool:
    """Whether the handshake ended because we have no certificate.

    TLS 1.3 says so; before, servers said "handshake failure" (OpenSSL) or "bad certificate" (Go).
    """
    reason = (error.reason or "").upper()
    return reason.startswith(("TLSV13_ALERT_CERTIFICATE", "TLSV1_ALERT_CERTIFICATE")) or (
        reason in {"SSLV3_ALERT_HANDSHAKE_FAILURE", "SSLV3_ALERT_BAD_CERTIFICATE"}
    )


def _startup() -> bytes:
    return struct.pack("!I", len(_STARTUP) + 4) + _STARTUP


def _all(stream: _Stream, most: int) -> bytes:
    """What comes until the end, a pause that is too long, or enough."""
    found = bytearray()
    while len(found) < most:
        try:
            more = stream.read(most - len(found))
        except TimeoutError:
            break
        if not more:
            break
        found += more
    return bytes(found)


def _http_in_clear(reply: bytes, *, encrypted: bool) -> Plaintext:
    head = reply.partition(b"\r\n\r\n")[0].lower()
    status = re.match(rb"http/1\.[01] (\d{3})", head)
    if not status or (encrypted and status.group(1) in {b"400", b"426"}):
        return Plaintext.REFUSED  # Go and nginx say in clear that they want TLS
    if status.group(1).startswith(b"3") and re.search(rb"^location:\s*https://", head, re.M):
        return Plaintext.REDIRECTED
    return Plaintext.ANSWERED
