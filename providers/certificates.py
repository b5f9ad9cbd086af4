"""X.509 certificates as facts, those with SM2 keys among them.

``cryptography`` reads the frame; it refuses SM2 keys, so the algorithm of a key is read from its
identifiers (GB/T 33560). Nothing is verified: what a certificate says is what is written down.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from hospital.surveyed.endpoint import Certificate
from providers.handshake import Garbled

SM2_CURVE = "1.2.156.10197.1.301"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
MOST_NAMES = 100  # a certificate can hold thousands; a stranger does not fill our report
_UNREADABLE = (
    *(ValueError, TypeError, KeyError, AttributeError, OverflowError, UnsupportedAlgorithm),
    *(x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
)
_SIGNERS = {"rsassa_pkcs1v15": "RSA", "rsassa_pss": "RSA", "ecdsa": "EC", "dsa": "DSA"}
_EDWARDS = {"ed25519": "Ed25519", "ed448": "Ed448"}
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign"),
)


def certificate(der: bytes) -> Certificate:
    """What a certificate says; Garbled if it is none, or says it in a way that nobody can read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about negative serials and the like: facts, no news
            return _read(x509.load_der_x509_certificate(der), asn1.Certificate.load(der))
    except _UNREADABLE as error:
        raise Garbled(f"an unreadable certificate: {error}") from error


def _read(frame: x509.Certificate, parts: asn1.Certificate) -> Certificate:
    key, bits = _key(frame, parts)
    signature, signer = _signature(parts)
    return Certificate(
        subject=frame.subject.rfc4514_string(),
        issuer=frame.issuer.rfc4514_string(),
        names=tuple(_names(frame)),
        not_before=frame.not_valid_before_utc.date(),
        not_after=frame.not_valid_after_utc.date(),
        key=key,
        key_bits=bits,
        signature=signature,
        signer=signer,
        usages=_usages(frame),
    )


def _key(frame: x509.Certificate, parts: asn1.Certificate) -> tuple[str, int | None]:
    algorithm = parts.public_key["algorithm"]
    if algorithm["algorithm"].native == "ec":
        curve = algorithm["parameters"].chosen
        if getattr(curve, "dotted", "") == SM2_CURVE:
            return "SM2", 256
    try:
        key = frame.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return str(algorithm["algorithm"].dotted), None
    for kind, name in ((rsa.RSAPublicKey, "RSA"), (dsa.DSAPublicKey, "DSA")):
        if isinstance(key, kind):
            return name, key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.key_size
    edwards = {ed25519.Ed25519PublicKey: "Ed25519", ed448.Ed448PublicKey: "Ed448"}
    named = (name for kind, name in edwards.items() if isinstance(key, kind))
    return next(named, str(algorithm["algorithm"].dotted)), None


def _signature(parts: asn1.Certificate) -> tuple[str, str]:
    """The digest and the signer's algorithm; identifiers where nobody knows a name."""
    algorithm = parts["signature_algorithm"]
    dotted = algorithm["algorithm"].dotted
    if dotted == SM2_WITH_SM3:
        return "sm3", "SM2"
    try:
        name = algorithm.signature_algo
        if name in _EDWARDS:
            return name, _EDWARDS[name]
        return algorithm.hash_algo, _SIGNERS.get(name, dotted)
    except ValueError:
        return dotted, dotted


def _names(frame: x509.Certificate) -> Iterator[str]:
    try:
        found = frame.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return
    names = [one for one in found if isinstance(one, x509.DNSName | x509.IPAddress)]
    yield from (str(one.value) for one in names[:MOST_NAMES])


def _usages(frame: x509.Certificate) -> tuple[str, ...]:
    try:
        found = frame.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(name for name in _USAGES if getattr(found, name))
