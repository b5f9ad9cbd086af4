"""A network endpoint as a stranger meets it: the handshakes that it takes and what it shows.

Seen from outside, without any credential (``providers/tls.py``): that is what an assessor's scanner
sees, and what an attacker sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Plaintext(StrEnum):
    """What an endpoint does with a caller that speaks without encryption."""

    REFUSED = "refused"  # closes, alerts, or says that it wants TLS
    REDIRECTED = "redirected"  # HTTP only: sends the caller to an https address and tells no more
    ANSWERED = "answered"  # goes on in clear


class Asked(StrEnum):
    """Whether the server wants to know by certificate who its caller is."""

    NOT = "not"  # sends no CertificateRequest
    REQUESTED = "requested"  # asks, and goes on without one
    REQUIRED = "required"  # asks, and ends the connection without one


@dataclass(frozen=True, slots=True)
class Certificate:
    """An X.509 certificate as it was shown; nobody has verified it."""

    subject: str  # RFC 4514
    issuer: str  # RFC 4514
    names: tuple[str, ...]  # subject alternative names: DNS names and addresses
    not_before: date  # in UTC
    not_after: date  # its last day, in UTC
    key: str  # "RSA", "EC", "SM2", "Ed25519", "DSA", …; an OID where nobody here has a name for it
    signature: str  # "sha256", "sha1", "md5", "sm3", "ed25519", …: the digest, or an OID
    signer: str  # algorithm of the issuer's key, in the words of `key`
    usages: tuple[str, ...]  # key usages as RFC 5280 names them; empty: not limited
    key_bits: int | None = None  # None where the algorithm has no size of its own


@dataclass(frozen=True, slots=True)
class Shown:
    """The chain that was shown to whoever asked for one of ``names``, in the order of the wire.

    First the server's own. TLCP (GB/T 38636-2020) shows two of its own: for signatures, then for
    encryption.
    """

    protocol: str  # "TLS" or "TLCP"
    names: tuple[str, ...]  # what the endpoint is called by
    chain: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """What the endpoint answered; None: it could not be read, or the fact does not apply."""

    protocols: tuple[str, ...]  # accepted, oldest first: "SSLv3", "TLSv1.2", "TLCP", …; () if none
    suites: Mapping[str, tuple[str, ...]]  # protocol → accepted suites by IANA name
    shown: tuple[Shown, ...]  # () when no certificate was shown, or none could be read
    plaintext: Plaintext | None = None
    client_certificate: Asked | None = None  # None also without any protocol
    renegotiation_secure: bool | None = None  # RFC 5746; None without TLS 1.0 to 1.2
    dh_bits: int | None = None  # smallest Diffie-Hellman group over a prime that it chose
    hsts_seconds: int | None = None  # `max-age` of Strict-Transport-Security; 0: it is not sent


@dataclass(frozen=True, slots=True)
class SurveyedEndpoint:
    """A declared endpoint and what it answered."""

    name: str  # "<purpose>@<site>", unique in the estate
    site: str
    purpose: str  # "kubernetes", "hub", "etcd", "admission", "cloud", "ingress", "database", …
    address: str  # "host:port"
    crypto_level: int  # 密评, the highest of the workloads that it serves or manages; 0: of none
    zone: str  # "dmz" if a workload for the Internet is behind it, else "internal"
    facts: EndpointFacts
