"""The record of an audit: by which tool, of which inputs, with which files as its result.

It is a link of a chain (``hospital/evidence.py``), and names besides the SM3 of the link before
it, so that neither hash has to be trusted alone. Pure: files are read and digests made by
``providers/seal.py``. What must never happen: a file of an audit that no record names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hospital import evidence
from hospital.evidence import GENESIS, Link

KIND = "AuditEvidence"
SCHEMA_VERSION = 1
PREVIOUS = "previousSm3"


@dataclass(frozen=True, slots=True)
class Digest:
    """A file by its name, within its directory, and its two hashes, hexadecimal."""

    name: str
    sha256: str
    sm3: str

    def plain(self) -> dict[str, str]:
        """As JSON-compatible data."""
        return {"name": self.name, "sha256": self.sha256, "sm3": self.sm3}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A record as it is kept: where, and its link with the SM3 of its bytes."""

    place: str  # the directory
    link: Link
    sm3: str


def sealing(
    *,
    tool: Mapping[str, str],
    audit: Mapping[str, Any],
    inputs: Sequence[Digest],
    files: Sequence[Digest],
    signer: str,
) -> dict[str, Any]:
    """What a record says, without its place in the chain; there is no clock in it.

    ``audit`` is the day, the source and the verdict; ``signer`` is empty if nobody signs.
    """
    return {
        "kind": KIND,
        "schemaVersion": SCHEMA_VERSION,
        "tool": dict(tool),
        "audit": dict(audit),
        "inputs": [each.plain() for each in inputs],
        "files": [each.plain() for each in files],
        "signer": signer,
    }


def chained(head: Sealed | None, record: Mapping[str, Any]) -> Link:
    """The link that ``record`` becomes after ``head`` (None: the first)."""
    before = GENESIS if head is None else head.sm3
    return evidence.append(None if head is None else head.link, {**record, PREVIOUS: before})


def chain_problems(found: Sequence[Sealed], *, head: str = "") -> tuple[str, ...]:
    """Everything that is wrong with the places of records, in the order of their numbers.

    ``head`` is the hash of the last record, if the reader knows it: without it, records that were
    taken away from the end are missed by nobody.
    """
    before, problems = GENESIS, list(evidence.verify([each.link for each in found]))
    for number, each in enumerate(found, start=1):
        if each.link.record.get(PREVIOUS) != before:
            problems.append(f"record {number}: does not name the SM3 of the record before it")
        before = each.sm3
    if head and (not found or found[-1].link.hash != head):
        problems.append(f"the last record is not {head}: later ones were taken away, or added")
    return tuple(problems)


def file_problems(sealed: Sealed, there: Mapping[str, Digest]) -> tuple[str, ...]:
    """Where the files that are there differ from those that the record names."""
    named = {each["name"]: each for each in sealed.link.record.get("files", ())}
    problems = [f"{name}: is missing" for name in sorted(named.keys() - there.keys())]
    problems += [f"{name}: no record names it" for name in sorted(there.keys() - named.keys())]
    problems += [
        f"{name}: is not what was recorded"
        for name in sorted(named.keys() & there.keys())
        if named[name] != there[name].plain()
    ]
    return tuple(f"{sealed.place}: {problem}" for problem in problems)
