"""Nouns as plain data and back: the ``spec`` of the hub's objects.

Pulumi writes what was declared into the hub, operators read it there, so that every operator
acts on the same declared truth and needs no file. Keys are the nouns' field names in camelCase,
durations are strings (``300s``, ``6ms``), days ISO 8601, and nothing may get lost on the way:
``estate_from(hub_objects(estate))`` equals ``estate`` but for the order of nouns (by name) and
for ``source``, the file it was read from.

An estate has no object of its own; what belongs to no single noun lives with the sites: every
``Site`` carries the ``estate`` it is part of, the ``links`` that begin at it and the
``databases`` whose first member is one of its hosts. A ``Workload`` carries the ``migrations``
that are declared of it. A declared move is no part of it: in the hub it is a Migration.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from hospital.errors import DeclarationError, Problem
from hospital.estate import (
    Database,
    DeclaredMigration,
    Estate,
    Link,
    Policy,
    RecoveryPlan,
    Site,
    Workload,
)
from hospital.freeze import Freeze

Plain = dict[str, Any]
_Value = TypeVar("_Value")

_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_DURATION = re.compile(r"^(\d+)(s|ms|us)$")


@dataclass(frozen=True, slots=True)
class HubObject:
    """One object of the hub: its kind, its name and its ``spec``."""

    kind: str  # "Site" | "Workload" | "RecoveryPlan"
    name: str
    spec: Plain


@dataclass(frozen=True, slots=True)
class EstateHead:
    """What an estate says of itself; every Site object carries it as ``estate``."""

    name: str
    title_zh: str
    title_en: str
    domain: str
    policy: Policy | None = None  # None where nothing is said of the rules
    freezes: tuple[Freeze, ...] = ()
    clients: tuple[str, ...] = ()


def camel(name: str) -> str:
    """``failure_domain`` as ``failureDomain``."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def encode(value: Any) -> Any:
    """A noun (or any value of its fields) as JSON-compatible plain data."""
    if is_dataclass(value):
        pairs = ((camel(f.name), getattr(value, f.name)) for f in fields(value))
        return {key: encode(item) for key, item in pairs if item is not None}
    for written, write in _WRITERS.items():
        if isinstance(value, written):
            return write(value)
    if isinstance(value, frozenset):
        return sorted(encode(item) for item in value)
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    return value


def duration_text(value: timedelta) -> str:
    """A duration in its largest exact unit: ``300s``, ``6ms``, ``10us``."""
    micros = value // timedelta(microseconds=1)
    unit = next(unit for unit, size in _UNITS.items() if micros % size == 0)
    return f"{micros // _UNITS[unit]}{unit}"


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    timedelta: duration_text,
    date: date.isoformat,
    StrEnum: str,
}


def decode(kind: type[_Value], data: Any, *, where: str = "hub") -> _Value:
    """The noun of type ``kind`` from its plain data.

    Raises DeclarationError, naming ``where`` and the field, when the data does not fit.
    """
    result: _Value = _decode(kind, data, where=where, field="spec")
    return result


def site_spec(estate: Estate, site: Site) -> Plain:
    """``spec`` of the hub's Site object."""
    hosts = {host.id for host in site.hosts}
    said = None if estate.policy == Policy() else estate.policy
    names = estate.name, estate.title_zh, estate.title_en, estate.domain
    head = EstateHead(*names, policy=said, freezes=estate.freezes, clients=estate.clients)
    plain: Plain = encode(site)
    return plain | {
        "estate": encode(head),
        "links": encode([link for link in estate.links if link.sites[0] == site.name]),
        "databases": encode([base for base in estate.databases if base.members[0] in hosts]),
    }


def workload_spec(estate: Estate, workload: Workload) -> Plain:
    """``spec`` of the hub's Workload object."""
    plain: Plain = encode(workload)
    moves = [each for each in estate.migrations if each.workload == workload.name]
    return plain | {"migrations": encode(moves)}


def plan_spec(plan: RecoveryPlan) -> Plain:
    """``spec`` of the hub's RecoveryPlan object."""
    return dict(encode(plan))


def hub_objects(estate: Estate) -> tuple[HubObject, ...]:
    """Everything that the hub must hold so that operators know the whole estate."""
    return (
        *(HubObject("Site", site.name, site_spec(estate, site)) for site in estate.sites),
        *(HubObject("Workload", one.name, workload_spec(estate, one)) for one in estate.workloads),
        *(HubObject("RecoveryPlan", plan.name, plan_spec(plan)) for plan in estate.plans),
    )


def estate_from(objects: Iterable[HubObject]) -> Estate:
    """The estate that hub objects describe, its nouns ordered by name.

    Raises DeclarationError when an object does not fit, or when there is no Site at all.
    """
    found = sorted(objects, key=lambda item: (item.kind, item.name))
    sites = [item for item in found if item.kind == "Site"]
    workloads = [item for item in found if item.kind == "Workload"]
    if not sites:
        problem = Problem("hub", "Site", "there is no Site object", "run `pulumi up`")
        raise DeclarationError((problem,))
    head = _part(EstateHead, sites[0], "estate")
    return Estate(
        name=head.name,
        title_zh=head.title_zh,
        title_en=head.title_en,
        domain=head.domain,
        sites=_all(Site, sites),
        links=tuple(link for item in sites for link in _parts(Link, item, "links")),
        databases=tuple(base for item in sites for base in _parts(Database, item, "databases")),
        workloads=_all(Workload, workloads),
        plans=_all(RecoveryPlan, [item for item in found if item.kind == "RecoveryPlan"]),
        source="hub",
        policy=head.policy or Policy(),
        freezes=head.freezes,
        clients=head.clients,
        migrations=tuple(
            move for item in workloads for move in _parts(DeclaredMigration, item, "migrations")
        ),
    )


def _all(kind: type[_Value], objects: Iterable[HubObject]) -> tuple[_Value, ...]:
    return tuple(decode(kind, item.spec, where=f"{item.kind}/{item.name}") for item in objects)


def _part(kind: type[_Value], item: HubObject, key: str) -> _Value:
    return decode(kind, item.spec.get(key), where=f"{item.kind}/{item.name}.{key}")


def _parts(kind: type[_Value], item: HubObject, key: str) -> tuple[_Value, ...]:
    where = f"{item.kind}/{item.name}.{key}"
    return tuple(decode(kind, data, where=where) for data in item.spec.get(key, ()))


def _decode(kind: Any, data: Any, *, where: str, field: str) -> Any:
    if is_dataclass(kind):
        return _decode_noun(kind, data, where=where, field=field)
    origin, args = get_origin(kind), get_args(kind)
    if origin in _GENERIC:
        return _GENERIC[origin](args, data, where=where, field=field)
    if kind in _READERS:
        return _READERS[kind](data, where=where, field=field)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if data not in [member.value for member in kind]:
            raise _misfit(where, field, f"{data!r} is none of {', '.join(kind)}")
        return kind(data)
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        raise _misfit(where, field, f"{data!r} is not of type {kind.__name__}")
    return data


def _decode_number(data: Any, *, where: str, field: str) -> float:
    """JSON keeps no difference between 7 and 7.0."""
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise _misfit(where, field, f"{data!r} is no number")
    return float(data)


def _decode_day(data: Any, *, where: str, field: str) -> date:
    try:
        return date.fromisoformat(data)
    except (TypeError, ValueError) as error:
        raise _misfit(where, field, f"{data!r} is no day such as 2027-03-31") from error


def _decode_noun(kind: Any, data: Any, *, where: str, field: str) -> Any:
    if not isinstance(data, Mapping):
        raise _misfit(where, field, f"{data!r} is not an object")
    hints = get_type_hints(kind)
    values = {}
    for item in fields(kind):
        key = camel(item.name)
        if key in data:
            values[item.name] = _decode(
                hints[item.name], data[key], where=where, field=f"{field}.{key}"
            )
        elif item.default is MISSING:
            raise _misfit(where, f"{field}.{key}", "is missing")
    return kind(**values)


def _decode_items(args: tuple[Any, ...], data: Any, *, where: str, field: str) -> tuple[Any, ...]:
    if not isinstance(data, list | tuple):
        raise _misfit(where, field, f"{data!r} is not a list")
    return tuple(
        _decode(args[0], item, where=where, field=f"{field}[{index}]")
        for index, item in enumerate(data)
    )


def _decode_set(args: tuple[Any, ...], data: Any, *, where: str, field: str) -> frozenset[Any]:
    return frozenset(_decode_items(args, data, where=where, field=field))


def _decode_optional(args: tuple[Any, ...], data: Any, *, where: str, field: str) -> Any:
    return None if data is None else _decode(args[0], data, where=where, field=field)


def _decode_table(args: tuple[Any, ...], data: Any, *, where: str, field: str) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise _misfit(where, field, f"{data!r} is not an object")
    return {
        str(key): _decode(args[1], item, where=where, field=f"{field}.{key}")
        for key, item in data.items()
    }


def _decode_duration(data: Any, *, where: str, field: str) -> timedelta:
    match = _DURATION.match(data) if isinstance(data, str) else None
    if match is None:
        raise _misfit(where, field, f"{data!r} is not a duration like 300s or 6ms")
    return timedelta(microseconds=int(match[1]) * _UNITS[match[2]])


def _decode_anything(data: Any, *, where: str, field: str) -> Any:
    return tuple(data) if isinstance(data, list) else data


def _misfit(where: str, field: str, message: str) -> DeclarationError:
    return DeclarationError((Problem(where, field, message),))


_READERS: Mapping[Any, Callable[..., Any]] = {
    timedelta: _decode_duration,
    date: _decode_day,
    float: _decode_number,
    Any: _decode_anything,
}
_GENERIC: Mapping[Any, Callable[..., Any]] = {
    tuple: _decode_items,
    frozenset: _decode_set,
    types.UnionType: _decode_optional,
    Mapping: _decode_table,
}
