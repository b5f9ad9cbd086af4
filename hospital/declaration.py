"""A declaration becomes an Estate, or a list of everything that is wrong with it.

Pure: takes the document as plain values and a function that says where each
field stands, so that every message names file, line and field. Nothing half
right ever leaves here: one problem and there is no Estate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hospital.consistency import note_contradictions
from hospital.errors import DeclarationError
from hospital.estate import Database, Estate, Tier, Workload
from hospital.form import ESTATE
from hospital.kinds import Locate, Notes, Path, nearest
from hospital.workloads import CATALOGUE


def declare(document: object, *, locate: Locate, source: str = "") -> Estate:
    """The estate that ``document`` describes.

    ``locate`` maps the path of a field, for example ``("spec", "sites", 0, "name")``,
    to ``file:line:column``. Raises DeclarationError with every problem found.
    """
    notes = Notes(locate)
    found = ESTATE.read(document, (), notes)
    estate = _estate(found, notes, source=source)
    if estate is not None:
        note_contradictions(estate, notes)
    if notes.problems or estate is None:
        raise DeclarationError(tuple(notes.problems))
    return estate


def _estate(found: Mapping[str, Any], notes: Notes, *, source: str) -> Estate | None:
    spec = found.get("spec")
    if not spec:
        return None
    return Estate(
        name=found["metadata"].get("name", ""),
        title_zh=spec["title"].get("title_zh", ""),
        title_en=spec["title"].get("title_en", ""),
        domain=spec["domain"],
        sites=spec["sites"],
        links=spec["links"],
        databases=_databases(spec["databases"]),
        workloads=_workloads(spec["workloads"], notes),
        plans=spec["plans"],
        source=source,
        policy=spec["policy"],
        migrations=spec["migrations"],
        freezes=spec["freezes"],
        moves=spec["moves"],
        clients=spec["clients"],
    )


def _databases(declared: tuple[Database, ...]) -> tuple[Database, ...]:
    """Each with its port at the edges: what is said, else the first that is free from 5432 on."""
    taken = {each.edge_port for each in declared}
    free = (port for port in range(_FIRST_PORT, 65536) if port not in taken)
    return tuple(
        each if each.edge_port else replace(each, edge_port=next(free)) for each in declared
    )


def _workloads(declared: tuple[dict[str, Any], ...], notes: Notes) -> tuple[Workload, ...]:
    return tuple(
        _workload(each, ("spec", "workloads", index), notes) for index, each in enumerate(declared)
    )


def _workload(declared: dict[str, Any], path: Path, notes: Notes) -> Workload:
    """The catalogue entry of that name with what is declared laid over it."""
    name = declared["name"]
    if name in CATALOGUE:
        return replace(CATALOGUE[name], **declared)
    if name:
        remedy = nearest(name, CATALOGUE) or f"the catalogue has: {', '.join(sorted(CATALOGUE))}"
        notes.add((*path, "name"), f"unknown workload '{name}'", remedy)
    return replace(_UNKNOWN, **declared)


_FIRST_PORT = 5432  # PostgreSQL's own

_UNKNOWN = replace(
    next(iter(CATALOGUE.values())), tier=Tier.D, depends_on=(), node_port=0, database=""
)
