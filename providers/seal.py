"""Seals the directory of an audit, and says whether a seal is whole.

Beside the reports lie ``evidence.json`` (the record, in canonical bytes), ``evidence.ed25519`` and
``evidence.sm2`` (its signatures). Chained to the audits in the same parent directory. The same
inputs and tool give the same bytes, but for the SM2 signature, which holds a random number.

Whose signatures count is said by public keys that the reader was given: ``<signer>.ed25519.pem``
and ``<signer>.sm2.pem``. What must never happen: a key that lies with the evidence vouching for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from hospital import evidence
from hospital.errors import DeclarationError, Problem, RefusedError
from hospital.sealing import Digest, Sealed, chain_problems, chained, file_problems
from providers import sm2
from providers.access import Access
from providers.evidence import Signer

RECORD, ED25519, SM2 = "evidence.json", "evidence.ed25519", "evidence.sm2"
SM2_KEY = "sm2.key"
AUDIT_KEYS = "audit_keys"  # directory of the public keys of those who seal, in an access directory
OURS = frozenset({RECORD, ED25519, SM2})


def digest(path: Path, name: str) -> Digest:
    """A file's two hashes under ``name``."""
    content = path.read_bytes()
    return Digest(name, sha256(content).hexdigest(), _sm3(content))


def files(directory: Path, *, pattern: str = "**/*") -> dict[str, Digest]:
    """Every file below ``directory``, but for seals in it, by its path within it.

    With ``*``, those in it only: what an audit writes, whatever else lies deeper.
    """
    found = sorted(path for path in directory.glob(pattern) if path.is_file())
    names = ((path, path.relative_to(directory).as_posix()) for path in found)
    return {name: digest(path, name) for path, name in names if name not in OURS}


class Sealer:
    """An identity that signs in both algorithms."""

    def __init__(self, access: Access) -> None:
        """DeclarationError if it lacks a key."""
        self._signer = Signer(access)
        self._sm2 = access.path(SM2_KEY)

    @property
    def name(self) -> str:
        """The name in its certificate."""
        return self._signer.name

    def sign(self, body: bytes) -> dict[str, bytes]:
        """File → signature."""
        by_ed25519 = bytes.fromhex(self._signer.sign(body, name=RECORD).signature)
        return {ED25519: by_ed25519, SM2: sm2.sign(self._sm2, body)}


def seal(directory: Path, record: Mapping[str, object], *, sealer: Sealer | None) -> str:
    """Write record and signatures into ``directory``; the hash of the record.

    Audited again into the same directory, it keeps its place in the chain. RefusedError if another
    audit follows it: what others build on is not written anew. What nobody signs is in no chain.
    """
    chain = records(directory.parent) if sealer else []
    numbers = {each.place: each.link.sequence for each in chain}
    place = numbers.get(directory.name, len(chain) + 1)
    link = chained(chain[place - 2] if place > 1 else None, record)
    if place < len(chain) and link.body != (directory / RECORD).read_bytes():
        raise RefusedError(str(directory), "a later audit is chained to the one here: take another")
    for name in OURS:
        (directory / name).unlink(missing_ok=True)
    (directory / RECORD).write_bytes(link.body)
    for name, signature in (sealer.sign(link.body) if sealer else {}).items():
        (directory / name).write_bytes(signature)
    return link.hash


def records(parent: Path) -> list[Sealed]:
    """Every signed audit's record below ``parent``, by number; DeclarationError if one is none."""
    read = [_read(path) for path in sorted(parent.glob(f"*/{RECORD}"))]
    found = [each for each in read if each.link.record.get("signer")]
    return sorted(found, key=lambda each: each.link.sequence)


def problems(place: Path, *, keys: Path, head: str = "") -> tuple[int, tuple[str, ...]]:
    """How many audits are at ``place``, and everything that is wrong with them.

    ``place`` is the directory of one audit, whose place in the chain is then not looked at, or the
    one that holds those of all. ``head`` is the hash of the last record, if the reader knows it.
    """
    alone = any((place / name).exists() for name in OURS)
    there = [place] if alone else [each.parent for each in place.glob("*/*") if each.name in OURS]
    found: list[Sealed] = []
    wrong: list[str] = []
    for directory in sorted(set(there)):
        try:
            found.append(_read(directory / RECORD))
        except DeclarationError as error:
            wrong += [f"{each.where}: {each.message}" for each in error.problems]
            continue
        wrong += file_problems(found[-1], files(directory))
        wrong += [f"{directory.name}: {each}" for each in _signatures(directory, found[-1], keys)]
    found.sort(key=lambda each: each.link.sequence)
    last = f"{place.name}: its record is not {head}"
    if alone:
        wrong += [last for each in found if head and each.link.hash != head]
    else:
        wrong += chain_problems(found, head=head)
    return len(found), tuple(wrong)


def _signatures(directory: Path, sealed: Sealed, keys: Path) -> Iterable[str]:
    signer = str(sealed.link.record.get("signer", ""))
    if not signer:
        yield "nobody signed it"
        return
    for name, check in _CHECKS.items():
        key, signature = keys / f"{signer}.{name.partition('.')[2]}.pem", directory / name
        if "/" in signer or not key.is_file():
            yield f"signed by {signer!r}, of whom no {key.name!r} is known"
        elif not signature.is_file():
            yield f"{name}: is missing"
        elif not check(key.read_bytes(), sealed.link.body, signature.read_bytes()):
            yield f"{name}: is not {signer}'s signature of the record"


def _by_ed25519(key: bytes, body: bytes, signature: bytes) -> bool:
    try:
        public = load_pem_public_key(key)
    except (ValueError, UnsupportedAlgorithm):
        return False
    if not isinstance(public, Ed25519PublicKey):
        return False
    try:
        public.verify(signature, body)
    except InvalidSignature:
        return False
    return True


_CHECKS = {ED25519: _by_ed25519, SM2: sm2.verifies}


def _read(path: Path) -> Sealed:
    try:
        body = path.read_bytes()
        link = evidence.parse(body)
        if not isinstance(link.sequence, int) or not isinstance(link.record, dict):
            raise ValueError("is no link of a chain of evidence")
    except (OSError, ValueError) as error:
        where, remedy = f"{path.parent.name}/{path.name}", "keep it as the audit wrote it"
        message = "is missing" if isinstance(error, OSError) else f"is no record: {error}"
        raise DeclarationError((Problem(where, "(file)", message, remedy),)) from error
    return Sealed(path.parent.name, link, _sm3(body))


def _sm3(content: bytes) -> str:
    made = hashes.Hash(hashes.SM3())
    made.update(content)
    return made.finalize().hex()
