"""Drift: what is there, held against what was declared. Pure.

A server fills in defaults, so what is declared must be there and more may be: only a declared field
that is absent or says something else has drifted. The number of replicas is place, not shape
(``docs/architecture.md``), and is declared nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hospital.manifest import Plain, name_of, quantity

MADE_BY_CLUSTER = frozenset({("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")})
"""What Kubernetes itself puts into every namespace."""

Key = tuple[str, str]  # kind, name


@dataclass(frozen=True, slots=True)
class Departure:
    """One place where an object is not as declared; ``path`` is "" for the object itself."""

    kind: str
    name: str
    path: str
    declared: Any = None  # None: it is not declared
    found: Any = None  # None: it is not there


def departures(declared: Sequence[Plain], found: Sequence[Plain]) -> Iterator[Departure]:
    """Declared objects that are gone or changed, then objects that nobody declared."""
    there, wanted = _by_key(found), _by_key(declared)
    for (kind, name), item in wanted.items():
        seen = there.get((kind, name))
        if seen is None:
            yield Departure(kind, name, "", declared=kind)
            continue
        for path, want, have in _differences(item, seen, ""):
            yield Departure(kind, name, path, declared=want, found=have)
    for kind, name in there.keys() - wanted.keys() - MADE_BY_CLUSTER:
        yield Departure(kind, name, "", found=kind)


def _by_key(items: Sequence[Plain]) -> dict[Key, Plain]:
    return {(item["kind"], name_of(item)): item for item in items}


def _differences(want: Any, have: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(want, Mapping) and isinstance(have, Mapping):
        for key, item in want.items():
            where = f"{path}.{key}" if path else str(key)
            yield from _differences(item, have.get(key), where)
    elif isinstance(want, list | tuple) and isinstance(have, list) and len(want) == len(have):
        for index, (item, other) in enumerate(zip(want, have, strict=True)):
            yield from _differences(item, other, f"{path}[{index}]")
    elif not _same(want, have):
        yield path, want, have


def _same(want: Any, have: Any) -> bool:
    """Equal, also as two spellings of one quantity, and absent is the same as empty."""
    if want == have or (have is None and want in ({}, [], "")):
        return True
    try:
        return isinstance(have, str) and quantity(want) == quantity(have)
    except ValueError:
        return False
