"""The first words of TLS and TLCP: what a client says, and what a server answers in clear.

Ours, because no maintained library for Python speaks TLCP (GB/T 38636-2020), and none would offer
what must not be accepted (SSLv3, export suites). Nothing here can protect anything: no handshake
is ever finished. Bytes come from strangers: whatever they are, ``Garbled`` is all that is raised.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from importlib.resources import files

VERSIONS = {"SSLv3": 0x0300, "TLSv1.0": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303}
TLS13, TLCP = 0x0304, 0x0101
LARGEST_MESSAGE = 2**17  # a chain of certificates; servers with hundreds of trusted names get near
HANDSHAKE = 22  # type of record

GROUPS = (29, 23, 24, 25, 30, 41, 256, 257)  # x25519, P-256, P-384, P-521, x448, curveSM2, ffdhe
SIGNATURES = (
    *(0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B),  # ECDSA, RSA-PSS
    *(0x0401, 0x0501, 0x0601, 0x0807, 0x0808, 0x0708),  # RSA, Ed25519, Ed448, SM2 with SM3
    *(0x0203, 0x0201, 0x0202, 0x0303, 0x0301, 0x0402, 0x0101),  # what is weak, to see it accepted
)
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
_UNUSABLE = {"KRB5", "SRP", "PSK"}  # the server would have to know us


class Say(IntEnum):
    """Types of handshake message that a prober reads."""

    SERVER_HELLO = 2
    CERTIFICATE = 11
    KEY_EXCHANGE = 12
    CERTIFICATE_REQUEST = 13
    HELLO_DONE = 14
    FINISHED = 20


class Garbled(ValueError):
    """What came is no TLS, or breaks off."""


@dataclass(frozen=True, slots=True)
class Suites:
    """The registry of suites: names by code, and what to offer for each protocol."""

    names: dict[int, str]
    offers: dict[str, tuple[int, ...]]


@cache
def registry() -> Suites:
    """IANA's suites and those of GB/T 38636, from the data of the package ``cryptodatahub``.

    Its classes are not imported: they take 0.3 s, its table a few milliseconds.
    """
    text = (files("cryptodatahub") / "tls" / "cipher-suite.json").read_text(encoding="utf-8")
    table = sorted(json.loads(text).items(), key=lambda pair: pair[1]["code"])
    table = [pair for pair in table if pair[1]["code"] <= 0xFFFF]  # longer ones are of SSLv2
    names = {each["code"]: name for name, each in table}
    modern = {each["code"] for _, each in table if each["key_exchange"] is None}
    chinese = {code for code in names if code >> 8 == 0xE0}
    usable = {each["code"] for _, each in table if each["authentication"] not in _UNUSABLE}
    classic = tuple(sorted((usable & names.keys()) - modern - chinese, reverse=True))
    offers = dict.fromkeys(VERSIONS, classic)
    offers |= {"TLSv1.3": tuple(sorted(modern)), "TLCP": tuple(sorted(chinese, reverse=True))}
    # The names of GB/T 38636 have no prefix; the package puts IANA's in front of them.
    names |= {code: names[code].removeprefix("TLS_") for code in chinese}
    return Suites(names, offers)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a client proposes."""

    protocol: str
    suites: tuple[int, ...]
    name: str = ""  # server name; "" where the server is called by an address
    shares: tuple[tuple[int, bytes], ...] = ()  # TLS 1.3: group and public key
    random: bytes = field(default_factory=lambda: os.urandom(32))

    @property
    def version(self) -> int:
        """Of the protocol, on the wire."""
        return {**VERSIONS, "TLSv1.3": TLS13, "TLCP": TLCP}[self.protocol]


@dataclass(slots=True)
class Answer:
    """What the server said in clear; empty where it did not say."""

    version: int = 0
    suite: int | None = None
    random: bytes = b""
    retry: bool = False  # TLS 1.3: took a suite, wants another key share
    share: tuple[int, bytes] | None = None
    renegotiation: bool = False
    certificates: tuple[bytes, ...] = ()  # DER
    requests_certificate: bool = False
    dh_bits: int | None = None
    done: bool = False
    alert: int | None = None
    silent: bool = False  # said nothing in time, and did not hang up


def client_hello(offer: Offer) -> bytes:
    """One record with a ClientHello."""
    old = min(offer.version, VERSIONS["TLSv1.2"])
    session = os.urandom(32) if offer.version == TLS13 else b""
    body = struct.pack("!H", old) + offer.random + _sized(session, 1)
    body += _sized(b"".join(struct.pack("!H", code) for code in offer.suites), 2)
    body += _sized(b"\x00", 1) + _extensions(offer)
    message = b"\x01" + _sized(body, 3)
    record = TLCP if offer.version == TLCP else min(old, VERSIONS["TLSv1.0"])
    return struct.pack("!BH", HANDSHAKE, record) + _sized(message, 2)


def _extensions(offer: Offer) -> bytes:
    if offer.protocol in {"SSLv3", "TLCP"}:
        return b""  # SSLv3 has none; GB/T 38636 needs none, and old boxes stumble over them
    parts = {
        0xFF01: b"\x00",  # renegotiation_info
        10: _sized(_numbers(GROUPS), 2),
        11: b"\x01\x00",  # points uncompressed
        23: b"",  # extended_master_secret
    }
    if offer.name:
        parts[0] = _sized(b"\x00" + _sized(offer.name.encode("idna"), 2), 2)
    if offer.version >= VERSIONS["TLSv1.2"]:
        parts[13] = _sized(_numbers(SIGNATURES), 2)
    if offer.version == TLS13:
        parts[43] = _sized(_numbers((TLS13,)), 1)
        keys = (struct.pack("!H", group) + _sized(key, 2) for group, key in offer.shares)
        parts[51] = _sized(b"".join(keys), 2)
    return _sized(b"".join(struct.pack("!H", kind) + _sized(v, 2) for kind, v in parts.items()), 2)


def _numbers(values: Sequence[int]) -> bytes:
    return b"".join(struct.pack("!H", value) for value in values)


def _sized(content: bytes, width: int) -> bytes:
    return len(content).to_bytes(width, "big") + content


class Reader:
    """Takes values off the front of bytes; Garbled when there are too few."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        if self.left < count:
            raise Garbled(f"{count} bytes are announced, {self.left} are there")
        self._at += count
        return self._content[self._at - count : self._at]

    def number(self, width: int) -> int:
        """The next unsigned number of ``width`` bytes."""
        return int.from_bytes(self.take(width), "big")

    def sized(self, width: int) -> bytes:
        """The next bytes, whose count stands before them in ``width`` bytes."""
        return self.take(self.number(width))

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self._content) - self._at


def messages(handshake: bytearray) -> Iterator[tuple[int, bytes]]:
    """Whole messages, taken off the front of what has come so far; the rest stays."""
    while len(handshake) >= 4:
        size = int.from_bytes(handshake[1:4], "big")
        if size > LARGEST_MESSAGE:
            raise Garbled(f"a message of {size} bytes")
        if len(handshake) < 4 + size:
            return
        kind, body = handshake[0], bytes(handshake[4 : 4 + size])
        del handshake[: 4 + size]
        yield kind, body


def read(kind: int, body: bytes, answer: Answer, *, protocol: str) -> None:
    """Put what a message says into ``answer``; messages of other types say nothing to us."""
    if kind == Say.SERVER_HELLO:
        _server_hello(Reader(body), answer)
    elif kind == Say.CERTIFICATE:
        answer.certificates = _chain(Reader(body), protocol)
    elif kind == Say.KEY_EXCHANGE:
        answer.dh_bits = _dh_bits(body, answer.suite)
    elif kind == Say.CERTIFICATE_REQUEST:
        answer.requests_certificate = True
    elif kind in {Say.HELLO_DONE, Say.FINISHED}:
        answer.done = True


def _server_hello(reader: Reader, answer: Answer) -> None:
    answer.version = reader.number(2)
    answer.random = reader.take(32)
    reader.sized(1)
    answer.suite = reader.number(2)
    reader.number(1)  # compression: we offered none
    answer.retry = answer.random == _RETRY
    rest = Reader(reader.sized(2)) if reader.left else Reader(b"")
    while rest.left:
        kind, content = rest.number(2), rest.sized(2)
        if kind == 43:
            answer.version = Reader(content).number(2)
        elif kind == 51 and not answer.retry:
            share = Reader(content)
            answer.share = (share.number(2), share.sized(2))
        elif kind == 0xFF01:
            answer.renegotiation = True


def _chain(reader: Reader, protocol: str) -> tuple[bytes, ...]:
    if protocol == "TLSv1.3":
        reader.sized(1)
    listed = Reader(reader.sized(3))
    found = []
    while listed.left:
        found.append(listed.sized(3))
        if protocol == "TLSv1.3":
            listed.sized(2)
    return tuple(found)


def _dh_bits(body: bytes, suite: int | None) -> int | None:
    name = registry().names.get(suite or 0, "")
    if "_DHE_" not in name and "_DH_anon_" not in name:
        return None
    return int.from_bytes(Reader(body).sized(2), "big").bit_length()


def framed(kind: int, body: bytes) -> bytes:
    """A message as it stood on the wire."""
    return bytes([kind]) + _sized(body, 3)
