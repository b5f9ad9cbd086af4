"""Evidence in the hub: one ConfigMap for each record, created once, chained and signed.

``evidence-<sequence>`` can be created only once, so the API server decides who is next when two
operators append together: the loser reads again and chains after the winner. A record may
never be written twice for one action, never be changed (the ConfigMaps are immutable), and never
hold a secret: what is in it can be read by every auditor.

Signatures are Ed25519 with the identity's ``evidence.key``. Whose keys count is in
``evidence_keys.json`` of the reader's access directory; the keys kept with the records only say
which key was used, and prove nothing by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from cryptography.x509.oid import NameOID

from hospital import evidence
from hospital.errors import DeclarationError, Problem, RefusedError, UnavailableError
from providers.access import Access
from providers.kubernetes import RECOVERY, AnswerError, Cluster, Object

NAMESPACE = "xinglin"
PREFIX = "evidence-"
LABEL = "xinglin.dev/evidence"
KEYS = "evidence_keys.json"  # identity → public key, hexadecimal
CONFLICT = 409
ATTEMPTS = 10  # operators that append at the very same moment


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as it is kept: its canonical bytes, and who signed them."""

    name: str
    body: bytes
    signer: str
    key: str  # public key, hexadecimal
    signature: str  # over ``body``, hexadecimal

    @classmethod
    def of(cls, name: str, plain: Mapping[str, Any]) -> Entry:
        """The inverse of ``plain``; what is missing is empty, and verifies as wrong."""
        return cls(
            name=name,
            body=str(plain.get("record", "")).encode(),
            signer=str(plain.get("signer", "")),
            key=str(plain.get("publicKey", "")),
            signature=str(plain.get("signature", "")),
        )

    def plain(self) -> dict[str, str]:
        """The four fields as they are kept, in the hub and in copies."""
        return {
            "record": self.body.decode(),
            "signer": self.signer,
            "publicKey": self.key,
            "signature": self.signature,
        }


class Signer:
    """An identity that can sign."""

    def __init__(self, access: Access) -> None:
        """DeclarationError if the identity has no evidence key or it is not Ed25519."""
        self.name = _common_name(access)
        self._key = private_key(access)

    @property
    def public_key(self) -> str:
        """The public key, hexadecimal."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, body: bytes, *, name: str) -> Entry:
        """``body`` as an entry called ``name``."""
        return Entry(name, body, self.name, self.public_key, self._key.sign(body).hex())


class HubEvidence:
    """EvidenceStore in the hub's namespace ``xinglin``."""

    def __init__(self, cluster: Cluster, access: Access) -> None:
        self._cluster = cluster
        self._access = access

    def append(self, record: Mapping[str, Any]) -> int:
        """Chain, sign and keep ``record``; its number, also when its action is there already.

        UnavailableError without quorum, RefusedError if the chain in the hub cannot be read.
        """
        signer = Signer(self._access)
        for _ in range(ATTEMPTS):
            links = [self._link(entry) for entry in self.entries()]
            for link in links:
                if link.record.get("action") == record["action"]:
                    return link.sequence
            link = evidence.append(links[-1] if links else None, record)
            if self._create(signer.sign(link.body, name=f"{PREFIX}{link.sequence:06d}")):
                return link.sequence
        raise UnavailableError(self._cluster.endpoint, "others append evidence all the time")

    def entries(self) -> tuple[Entry, ...]:
        """Every record in order of sequence."""
        found = self._cluster.items("v1", "ConfigMap", namespace=NAMESPACE, labels=LABEL)
        return tuple(sorted(map(_entry, found), key=lambda entry: entry.name))

    def _create(self, entry: Entry) -> bool:
        """Whether the name was still free."""
        try:
            self._cluster.create(_object(entry), field_manager=RECOVERY)
        except AnswerError as refusal:
            if refusal.status == CONFLICT:
                return False
            raise
        return True

    def _link(self, entry: Entry) -> evidence.Link:
        try:
            return evidence.parse(entry.body)
        except ValueError as error:
            raise RefusedError(self._cluster.endpoint, f"{entry.name} {error}") from error


def verify(entries: Iterable[Entry], *, keys: Mapping[str, str]) -> tuple[str, ...]:
    """Everything that is wrong with kept evidence: form, chain, signatures, unknown signers.

    ``keys`` are the identities whose signatures count, with their public keys in hexadecimal.
    """
    found: list[str] = []
    links: list[evidence.Link] = []
    for number, entry in enumerate(entries, start=1):
        if entry.name != f"{PREFIX}{number:06d}":
            found.append(f"record {number}: {entry.name} stands in its place")
        try:
            links.append(evidence.parse(entry.body))
        except ValueError as error:
            found.append(f"{entry.name}: {error}")
            return tuple(found)
        found += [f"{entry.name}: {problem}" for problem in _signature_problems(entry, keys)]
    return (*found, *evidence.verify(links))


def trusted_keys(access: Access) -> dict[str, str]:
    """Whose signatures count for this identity; DeclarationError if it was never told."""
    return {str(name): str(key) for name, key in access.document(KEYS).items()}


def _signature_problems(entry: Entry, keys: Mapping[str, str]) -> tuple[str, ...]:
    if entry.signer not in keys:
        return (f"signed by {entry.signer!r}, whose signature does not count",)
    if keys[entry.signer] != entry.key:
        return (f"signed with a key that is not {entry.signer}'s",)
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(entry.key))
        key.verify(bytes.fromhex(entry.signature), entry.body)
    except (ValueError, InvalidSignature):
        return (f"the signature of {entry.signer} does not fit the record",)
    return ()


def _object(entry: Entry) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": entry.name, "namespace": NAMESPACE, "labels": {LABEL: "record"}},
        "immutable": True,
        "data": entry.plain(),
    }


def _entry(item: Object) -> Entry:
    return Entry.of(item["metadata"]["name"], item.get("data", {}))


def private_key(access: Access) -> Ed25519PrivateKey:
    """The identity's signing key; DeclarationError if it has none or it is no Ed25519 key."""
    path = access.path("evidence.key")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        message = "is no Ed25519 private key in PEM form"
        raise DeclarationError((Problem(str(path), "evidence.key", message, "issue it again"),))
    return key


def _common_name(access: Access) -> str:
    certificate = load_pem_x509_certificate(access.path("tls.crt").read_bytes())
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""
