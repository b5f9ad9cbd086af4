"""Fields put together: mappings with named fields, and lists of them.

The names of fields are written once, here as ``Field`` values in ``form.py``;
reading, the suggestion for a typo and the editor's schema all come from them.
An unknown field must never be passed over: a misspelt ``standbys`` would leave a
hospital without a second site.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hospital.kinds import Kind, Notes, Path, nearest

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Field:
    """A named field: ``name`` in YAML (camelCase), ``into`` the noun's attribute."""

    name: str
    kind: Kind
    about: str  # one line for editors
    required: bool = False
    default: Any = _MISSING  # absent and without default: the attribute is left out
    into: str = ""

    @property
    def attribute(self) -> str:
        """The attribute that the field fills: ``into``, or the name in snake case."""
        return self.into or re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", self.name)


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with exactly these fields."""

    fields: tuple[Field, ...]
    make: Callable[..., Any] = dict  # called with the attributes as keywords
    title: str = ""

    @property
    def blank(self) -> Any:
        """The record with every field blank."""
        return self.make(**{each.attribute: each.kind.blank for each in self.fields})

    def read(self, value: object, path: Path, notes: Notes) -> Any:
        """The made value; unknown, missing and wrong fields are noted, never dropped silently."""
        if not isinstance(value, Mapping):
            notes.add(path, f"expected a mapping with {self._names()}")
            return self.blank
        self._note_unknown(value, path, notes)
        found: dict[str, Any] = {}
        for each in self.fields:
            if each.name in value:
                found[each.attribute] = each.kind.read(value[each.name], (*path, each.name), notes)
            elif each.required:
                notes.add(path, f"'{each.name}' is missing", each.about)
                found[each.attribute] = each.kind.blank
            elif each.default is not _MISSING:
                found[each.attribute] = each.default
        return self.make(**found)

    def _names(self) -> str:
        return ", ".join(each.name for each in self.fields)

    def _note_unknown(self, value: Mapping[Any, Any], path: Path, notes: Notes) -> None:
        known = [each.name for each in self.fields]
        for name in value:
            if name not in known:
                remedy = nearest(str(name), known) or f"known here: {self._names()}"
                notes.add((*path, str(name)), "unknown field", remedy)

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the mapping."""
        title = {"title": self.title} if self.title else {}
        return {
            **title,
            "type": "object",
            "additionalProperties": False,
            "required": [each.name for each in self.fields if each.required],
            "properties": {
                each.name: {**each.kind.schema(), "description": each.about} for each in self.fields
            },
        }


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one kind; item *i* of the YAML is item *i* of the value, also if it was wrong."""

    kind: Kind
    at_least: int = 0
    exactly: int | None = None
    blank: tuple[Any, ...] = field(default=())

    def read(self, value: object, path: Path, notes: Notes) -> tuple[Any, ...]:
        """The items in order."""
        if not isinstance(value, list):
            notes.add(path, "expected a list", "for example [a, b]")
            return ()
        if self.exactly is not None and len(value) != self.exactly:
            notes.add(path, f"expected exactly {self.exactly} items, found {len(value)}")
        elif len(value) < self.at_least:
            notes.add(path, f"expected at least {self.at_least}, found {len(value)}")
        return tuple(
            self.kind.read(item, (*path, index), notes) for index, item in enumerate(value)
        )

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the list."""
        shape: dict[str, Any] = {"type": "array", "items": self.kind.schema()}
        if self.at_least or self.exactly:
            shape["minItems"] = self.exactly or self.at_least
        if self.exactly:
            shape["maxItems"] = self.exactly
        return shape
