"""What differs between an object as it is and as it would be: paths and values, nothing else.

Pure. The API server's bookkeeping is not a change, and the content of a Secret is never told:
only that it differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_BOOKKEEPING = frozenset(
    {"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"}
)
_SECRET_FIELDS = ("data", "stringData")
_TOLD = "(secret)"


class ChangeKind(StrEnum):
    """What happens to a field or object."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one object; an empty ``path`` is the whole object."""

    kind: ChangeKind
    subject: str  # "Deployment/his"
    path: tuple[str, ...]
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        where = ".".join((self.subject, *self.path))
        return f"{where}: {self.kind} {self.before!r} → {self.after!r}"


def changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> tuple[Change, ...]:
    """The changes that lead from one state of an object to another; None is "not there".

    ``status`` and the API server's bookkeeping do not count.
    """
    known = after or before
    if known is None:
        return ()
    subject = f"{known['kind']}/{known['metadata']['name']}"
    if before is None:
        return (Change(ChangeKind.ADD, subject, ()),)
    if after is None:
        return (Change(ChangeKind.DELETE, subject, ()),)
    found = differences(_essence(before), _essence(after))
    return tuple(Change(kind, subject, path, old, new) for kind, path, old, new in found)


Difference = tuple[ChangeKind, tuple[str, ...], Any, Any]  # kind, path, before, after


def differences(before: Any, after: Any) -> tuple[Difference, ...]:
    """Field by field, what leads from one plain value to another."""
    return tuple(_differences(before, after, ()))


def _differences(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _field(before, after, key, (*path, str(key)))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differences(old, new, (*path, str(index)))
    else:
        yield ChangeKind.UPDATE, path, before, after


def _field(
    before: dict[str, Any], after: dict[str, Any], key: str, path: tuple[str, ...]
) -> Iterator[Difference]:
    if key not in before:
        yield ChangeKind.ADD, path, None, after[key]
    elif key not in after:
        yield ChangeKind.DELETE, path, before[key], None
    else:
        yield from _differences(before[key], after[key], path)


def _essence(item: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in item.items() if key != "status"}
    rest["metadata"] = {k: v for k, v in item["metadata"].items() if k not in _BOOKKEEPING}
    if item["kind"] == "Secret":
        for field in _SECRET_FIELDS:
            if field in rest:
                rest[field] = {key: _Sealed(value) for key, value in rest[field].items()}
    return rest


class _Sealed:
    """A value that can be compared and never printed."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sealed) and self._value == other._value

    def __hash__(self) -> int:
        return hash(_TOLD)

    def __repr__(self) -> str:
        return _TOLD
