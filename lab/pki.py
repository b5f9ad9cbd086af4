"""Certificates and keys of the lab: two authorities, one certificate for each who.

Everybody trusts both; the stores accept clients of the second only, so a certificate of
the first opens no etcd.

Servers are named by every name and address at which they are called; clients by the
common name and organisations that RBAC grants to. Elliptic curves throughout: a lab
issues about forty certificates, and RSA would take longer than its databases.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=365)
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, PEM."""

    certificate: bytes
    key: bytes

    def write(self, directory: Path, name: str = "tls") -> None:
        """As ``<name>.crt`` and ``<name>.key``; the key is for its owner only."""
        write_private(directory / f"{name}.crt", self.certificate, mode=0o644)
        write_private(directory / f"{name}.key", self.key)


class Authority:
    """A certificate authority; its key never leaves the memory of the lab's start."""

    def __init__(self, pair: Pair) -> None:
        self.certificate = pair.certificate
        self._issuer = x509.load_pem_x509_certificate(pair.certificate)
        key = load_pem_private_key(pair.key, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the authority's key is not an elliptic-curve key")
        self._key = key

    @classmethod
    def create(cls, name: str) -> Authority:
        """A new authority that trusts nobody else."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name, ())
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        certificate = (
            _builder(subject, key.public_key(), issuer=subject)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .sign(key, hashes.SHA256())
        )
        return cls(Pair(certificate.public_bytes(Encoding.PEM), _pem(key)))

    def issue(
        self, common_name: str, *, organizations: tuple[str, ...] = (), names: tuple[str, ...] = ()
    ) -> Pair:
        """A client certificate; with ``names`` (DNS names, addresses) a server's as well."""
        key = ec.generate_private_key(ec.SECP256R1())
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = _builder(
            _name(common_name, organizations), key.public_key(), issuer=self._issuer.subject
        )
        if names:
            usages.append(ExtendedKeyUsageOID.SERVER_AUTH)
            alternatives = x509.SubjectAlternativeName([_general(name) for name in names])
            builder = builder.add_extension(alternatives, critical=False)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(authority, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Pair(certificate.public_bytes(Encoding.PEM), _pem(key))


def signing_pair() -> tuple[bytes, bytes]:
    """A private and a public key, PEM, with which API servers sign service-account tokens."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return _pem(key), public


def ssh_pair(comment: str) -> tuple[bytes, str]:
    """An OpenSSH private key and its public line."""
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return private, f"{public} {comment}"


def evidence_key() -> bytes:
    """An Ed25519 key, PEM, that signs evidence."""
    return _pem(ed25519.Ed25519PrivateKey.generate())


def evidence_public(pem: bytes) -> str:
    """The public half of an evidence key, hexadecimal."""
    key = load_pem_private_key(pem, password=None)
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def evidence_public_pem(pem: bytes) -> bytes:
    """The public half of an evidence key, PEM."""
    key = load_pem_private_key(pem, password=None)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def write_private(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file that never existed with wider permissions than ``mode``."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _builder(
    subject: x509.Name, public: ec.EllipticCurvePublicKey, *, issuer: x509.Name
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
    )


def _name(common_name: str, organizations: tuple[str, ...]) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, one) for one in organizations]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
