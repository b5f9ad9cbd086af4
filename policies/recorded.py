"""Records as somebody wrote them: read exactly, or refused with every problem.

Apart from ``policies/records.py``, which every audit asks what its clauses are worth, because the
form of a file is needed only where there is one. What must never happen: a record half understood.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from hospital.errors import DeclarationError
from hospital.kinds import Locate, Notes, day, nearest, text
from hospital.records import Field, ListOf, Record
from policies.coverage import Entry
from policies.records import Attestation

_RECORDS = ListOf(
    Record(
        (
            Field("clause", text(), "document and place, as in docs/policy-coverage.md", True),
            Field("title", text(), "what the record is", True),
            Field("owner", text(), "the person who answers for it", True),
            Field("date", day(), "first day, for example 2026-05-12", True, into="since"),
            Field("until", day(), "last day, for example 2027-05-11", True),
            Field("evidence", text(), "a file beside the records, or a document's number", True),
            Field(
                "sha256",
                text("^[0-9A-Fa-f]{64}$", what="a SHA-256 digest"),
                "of the evidence",
                default="",
            ),
        )
    )
)


def read(value: object, catalogue: Iterable[Entry], *, locate: Locate) -> tuple[Attestation, ...]:
    """The records that the plain ``value`` lists; ``locate`` says where each field stands.

    Raises DeclarationError with every problem, a clause that is not in ``catalogue`` included.
    """
    notes = Notes(locate)
    items: tuple[dict[str, Any], ...] = _RECORDS.read(value, (), notes)
    _note_contradictions(items, {str(entry.clause) for entry in catalogue}, notes)
    if notes.problems:
        raise DeclarationError(tuple(notes.problems))
    return tuple(
        Attestation(**item | {"sha256": item["sha256"].lower()}, place=locate((index,)))
        for index, item in enumerate(items)
    )


def _note_contradictions(items: tuple[dict[str, Any], ...], known: set[str], notes: Notes) -> None:
    """What the form cannot say: the clause exists, the days are in order, nothing stands twice."""
    seen: set[tuple[str, str]] = set()
    for index, item in enumerate(items):
        clause, named = item["clause"], (item["clause"], item["evidence"])
        if clause and clause not in known:
            remedy = nearest(clause, known) or "docs/policy-coverage.md lists all clauses"
            notes.add((index, "clause"), f"unknown clause '{clause}'", remedy)
        if (
            item["until"] < item["since"] != date.max
        ):  # the form's blank, of a day it could not read
            notes.add((index, "until"), f"{item['until']} is before {item['since']}")
        if all(named) and named in seen:
            notes.add((index,), f"'{clause}' is recorded twice with the same evidence")
        seen.add(named)
