"""Opens what a TLS 1.3 server encrypts before it knows its caller: its certificates.

The keys of that part come from our own Diffie-Hellman share, so no secret of anybody's is needed
(RFC 8446, 7.1 and 5.2). Nothing is verified and the handshake is not finished: a stranger's look,
never a channel. SM4 suites (RFC 8998) are not opened: their curve is in no library that we have.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from providers.handshake import Garbled

Aead = AESGCM | ChaCha20Poly1305

X25519, P256, P384 = 29, 23, 24
_CURVES = {P256: ec.SECP256R1(), P384: ec.SECP384R1()}


@dataclass(frozen=True, slots=True)
class _Suite:
    digest: hashes.HashAlgorithm
    key_bytes: int
    aead: Callable[[bytes], Aead]


_SUITES = {
    0x1301: _Suite(hashes.SHA256(), 16, AESGCM),
    0x1302: _Suite(hashes.SHA384(), 32, AESGCM),
    0x1303: _Suite(hashes.SHA256(), 32, ChaCha20Poly1305),
}
OPENABLE = tuple(_SUITES)


class Shares:
    """Our key shares for one hello."""

    def __init__(self) -> None:
        self._x25519 = x25519.X25519PrivateKey.generate()
        self._curves = {group: ec.generate_private_key(one) for group, one in _CURVES.items()}

    @property
    def public(self) -> tuple[tuple[int, bytes], ...]:
        """As ``Offer.shares``."""
        point = PublicFormat.UncompressedPoint
        raw = self._x25519.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        keys = {
            group: key.public_key().public_bytes(Encoding.X962, point)
            for group, key in self._curves.items()
        }
        return ((X25519, raw), *keys.items())

    def agreed(self, group: int, theirs: bytes) -> bytes:
        """The shared secret; Garbled when their share is no point of the group."""
        try:
            if group == X25519:
                return self._x25519.exchange(x25519.X25519PublicKey.from_public_bytes(theirs))
            key = self._curves[group]
            point = ec.EllipticCurvePublicKey.from_encoded_point(key.curve, theirs)
            return key.exchange(ec.ECDH(), point)
        except (ValueError, KeyError) as error:
            raise Garbled(f"no share of group {group}") from error


class Opener:
    """Decrypts the records of the server's handshake, one after the other."""

    def __init__(self, suite: int, secret: bytes, transcript: bytes) -> None:
        found = _SUITES.get(suite)
        if found is None:
            raise Garbled(f"suite {suite:#06x} was not offered")
        digest = found.digest
        empty = _hash(digest, b"")
        early = _extract(digest, b"\0" * digest.digest_size, b"\0" * digest.digest_size)
        derived = _expand(digest, early, b"derived", empty, digest.digest_size)
        master = _extract(digest, derived, secret)
        seen = _hash(digest, transcript)
        traffic = _expand(digest, master, b"s hs traffic", seen, digest.digest_size)
        self._aead = found.aead(_expand(digest, traffic, b"key", b"", found.key_bytes))
        self._iv = int.from_bytes(_expand(digest, traffic, b"iv", b"", 12), "big")
        self._count = 0

    def open(self, header: bytes, body: bytes) -> tuple[int, bytes]:
        """Type and content of a record; Garbled when it is not what the key sealed."""
        nonce = (self._iv ^ self._count).to_bytes(12, "big")
        self._count += 1
        try:
            inner = self._aead.decrypt(nonce, body, header).rstrip(b"\0")
        except InvalidTag as error:
            raise Garbled("a record that its key does not open") from error
        if not inner:
            raise Garbled("an empty record")
        return inner[-1], inner[:-1]


def _hash(digest: hashes.HashAlgorithm, content: bytes) -> bytes:
    made = hashes.Hash(digest)
    made.update(content)
    return made.finalize()


def _extract(digest: hashes.HashAlgorithm, salt: bytes, secret: bytes) -> bytes:
    made = hmac.HMAC(salt, digest)
    made.update(secret)
    return made.finalize()


def _expand(
    digest: hashes.HashAlgorithm, secret: bytes, label: bytes, context: bytes, size: int
) -> bytes:
    name = b"tls13 " + label
    info = struct.pack("!HB", size, len(name)) + name + bytes([len(context)]) + context
    return HKDFExpand(digest, size, info).derive(secret)
