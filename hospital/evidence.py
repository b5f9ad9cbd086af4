"""The chain of evidence: every record carries the hash of the one before it.

Changing, dropping, reordering or inserting a record breaks every later hash, so a reader needs
to trust only the last hash and the keys that signed. Pure: signatures are made and checked by
``providers/evidence.py``, which also keeps the records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64
"""What the first record names as its predecessor."""


@dataclass(frozen=True, slots=True)
class Link:
    """One record in its place in the chain."""

    sequence: int  # from 1
    previous: str  # hash of the link before, hexadecimal; GENESIS for the first
    record: Mapping[str, Any]  # JSON-compatible; finite numbers only

    @property
    def body(self) -> bytes:
        """The bytes that are hashed and kept."""
        plain = {"sequence": self.sequence, "previous": self.previous, "record": self.record}
        return canonical(plain)

    @property
    def hash(self) -> str:
        """SHA-256 of ``body``, hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8: equal values give equal bytes.

    ValueError for numbers that JSON does not have.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def append(head: Link | None, record: Mapping[str, Any]) -> Link:
    """The link that ``record`` becomes after ``head`` (None: the first)."""
    if head is None:
        return Link(1, GENESIS, record)
    return Link(head.sequence + 1, head.hash, record)


def parse(body: bytes) -> Link:
    """The inverse of ``Link.body``; ValueError if these bytes are not exactly some link's body."""
    plain = json.loads(body)
    if not isinstance(plain, dict) or plain.keys() != {"sequence", "previous", "record"}:
        raise ValueError("is no link of a chain of evidence")
    link = Link(plain["sequence"], plain["previous"], plain["record"])
    if link.body != body:
        raise ValueError("is not in canonical form")
    return link


def verify(links: Sequence[Link]) -> tuple[str, ...]:
    """Everything that is wrong with a chain, in order; empty for a whole one."""
    found: list[str] = []
    previous = GENESIS
    for number, link in enumerate(links, start=1):
        if link.sequence != number:
            found.append(f"record {number}: carries number {link.sequence}")
        if link.previous != previous:
            found.append(f"record {number}: does not follow the record before it")
        previous = link.hash
    return tuple(found)
