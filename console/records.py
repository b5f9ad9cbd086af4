"""Attestation records of a YAML file, with the digests of the evidence that lies beside it.

``policies/records.py`` decides what they are worth. Evidence is read to be hashed and for nothing
else; no byte of it gets into a report. What must never happen: a record half understood, or
evidence that is there and was not compared although its digest is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import Any

from console.documents import Allowance, Block, documents
from console.text import printable, refusal
from hospital.errors import DeclarationError, Problem
from hospital.kinds import Locate
from hospital.kinds import Path as FieldPath
from policies.coverage import Entry, catalogue
from policies.recorded import read
from policies.records import Attestation, Attested, attested


def brought(path: Path, entries: Iterable[Entry], *, today: date) -> tuple[Attested, ...]:
    """What the records in ``path`` are worth for ``entries``.

    DeclarationError names every problem of the file, and evidence that cannot be read.
    """
    return attested(read_records(path), entries, today=today)


def read_records(path: Path) -> tuple[Attestation, ...]:
    """The records in ``path``, each with the digest that its evidence has now."""
    name = printable(str(path))
    try:
        with path.open("rb") as stream:
            found = list(documents(stream, name, allowance=Allowance()))
    except OSError as error:
        raise refusal(name, f"cannot be read: {error.strerror}") from error
    if len(found) != 1:
        remedy = "see docs/policies.md, Records"
        raise refusal(name, f"holds {len(found)} lists, not one", remedy=remedy)
    ((value, line),) = found
    return _measured(read(value, catalogue(), locate=_locator(value, line, name)), path.parent)


def _measured(attestations: Iterable[Attestation], folder: Path) -> tuple[Attestation, ...]:
    measured, problems = [], []
    for item in attestations:
        try:
            measured.append(replace(item, found=_digest(folder / item.evidence, item.sha256)))
        except OSError as error:
            said = f"{printable(item.evidence)} cannot be read: {error.strerror}"
            problems.append(Problem(item.place, "evidence", said))
    if problems:
        raise DeclarationError(tuple(problems))
    return tuple(measured)


def _digest(file: Path, recorded: str) -> str:
    """The file's digest; "" if there is nothing to compare it with, or no such file."""
    if not recorded or not file.is_file():
        return ""
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _locator(value: Any, line: int, name: str) -> Locate:
    """Tells the line of the innermost mapping that holds a field."""

    def locate(path: FieldPath) -> str:
        found, at = value, line
        for part in path:
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError):
                break
            at = found.line if isinstance(found, Block) else at
        return f"{name}:{at}"

    return locate
