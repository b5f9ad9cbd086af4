"""What is not known yet: the outputs of what Pulumi has still to make, inside plain values.

A rule that reads such a value can say neither "complies" nor "is wrong": it is deferred until the
value is known. So ``guarded`` values hand out all that is known, and raise ``Deferred`` where
the unknown is read, counted or looked for; whether a key is there is unknown too, since an output
may turn out to be nothing. What must never happen: an unknown that looks like an absent field, for
absence is what many rules refuse, and others pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class Deferred(Exception):
    """A judgement needs a value that is not known yet; ``where`` says which."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(f"{where} is not known yet")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands in plain data for a value that is not known yet. Rules never get hold of one."""


UNKNOWN = Unknown()


def guarded(value: Any, where: str) -> Any:
    """``value`` as rules may read it: itself, if all of it is known. ``where`` names it."""
    return value if is_known(value) else _guard(value, where)


def is_known(value: Any) -> bool:
    """Whether all of a plain value is known."""
    if isinstance(value, str):  # most are: spare them the rest
        return True
    if isinstance(value, dict):
        return all(map(is_known, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(is_known, value))
    return not isinstance(value, Unknown)


def _guard(value: Any, where: str) -> Any:
    if isinstance(value, dict):
        return _Fields({key: _guard(item, f"{where}.{key}") for key, item in value.items()}, where)
    if isinstance(value, list | tuple):
        return _Items([_guard(item, f"{where}[{i}]") for i, item in enumerate(value)], where)
    return value


def _known(value: Any, where: str) -> Any:
    if isinstance(value, Unknown):
        raise Deferred(where)
    return value


class _Fields(Mapping[str, Any]):
    """A mapping, some fields of which are not known.

    Not a ``dict``: copies of those bypass ``__getitem__``.
    """

    def __init__(self, fields: dict[str, Any], where: str) -> None:
        self._fields, self._where = fields, where

    def __getitem__(self, key: str) -> Any:
        return _known(self._fields[key], f"{self._where}.{key}")

    def __contains__(self, key: object) -> bool:
        if key not in self._fields:
            return False
        self[str(key)]  # may turn out to be absent
        return True

    def __iter__(self) -> Iterator[str]:
        for key in self._fields:
            self[key]  # may turn out to be absent
            yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**self, **other}

    def __ror__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**other, **self}

    def __repr__(self) -> str:
        return repr(dict(self))


class _Items(Sequence[Any]):
    """A list, some items of which are not known; how many they are is."""

    def __init__(self, items: list[Any], where: str) -> None:
        self._items, self._where = items, where

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        return _known(self._items[index], f"{self._where}[{index}]")

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __radd__(self, other: list[Any]) -> list[Any]:
        return [*other, *self]

    def __add__(self, other: Sequence[Any]) -> list[Any]:
        return [*self, *other]

    def __repr__(self) -> str:
        return repr(list(self))

    __hash__ = None  # type: ignore[assignment]
