"""The parts of which every custom resource definition is made: schemas of nouns, columns, rules.

A schema follows the noun as ``hospital.codec`` encodes it, so that a field which is added there
appears here with its enum and its default.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

from hospital.codec import camel
from hospital.story import StepState

Schema = dict[str, Any]

_DURATION = r"^[0-9]+(s|ms|us)$"
_LONGEST_LIST = 256  # CEL estimates its cost from the longest possible list
_LONGEST_TEXT = 512


@dataclass(frozen=True, slots=True)
class Column:
    """One column of ``kubectl get``."""

    name: str
    path: str
    type: str = "string"
    wide: bool = False  # only with ``-o wide``


@dataclass(frozen=True, slots=True)
class Kind:
    """What one custom resource definition says."""

    name: str
    plural: str
    short: str
    description: str
    spec: Schema
    status: Schema
    columns: tuple[Column, ...]
    rules: tuple[tuple[str, str], ...] = ()  # of the whole object, as ``rules`` takes them


def schema_of(kind: Any) -> Schema:
    """The OpenAPI schema of a noun or of the type of one of its fields, as the codec encodes it."""
    if is_dataclass(kind):
        return _object_schema(kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin in (tuple, frozenset):
        return {"type": "array", "items": schema_of(args[0]), "maxItems": _LONGEST_LIST}
    if origin is types.UnionType:
        return schema_of(args[0])
    if origin is Mapping:
        return {"type": "object", "additionalProperties": schema_of(args[1])}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [member.value for member in kind]}
    plain: dict[Any, Schema] = {
        str: {"type": "string", "maxLength": _LONGEST_TEXT},
        int: {"type": "integer"},
        float: {"type": "number"},
        bool: {"type": "boolean"},
        timedelta: {"type": "string", "pattern": _DURATION, "maxLength": 24},
        Any: {"x-kubernetes-preserve-unknown-fields": True},
        date: {"type": "string", "format": "date", "maxLength": 10},
    }
    return dict(plain[kind])


def _object_schema(kind: Any) -> Schema:
    hints = get_type_hints(kind)
    properties = {camel(item.name): schema_of(hints[item.name]) for item in fields(kind)}
    required = [camel(item.name) for item in fields(kind) if item.default is MISSING]
    return {"type": "object", "properties": properties, "required": required}


def rules(*pairs: tuple[str, str]) -> Schema:
    """Rules in CEL, each with what is said to whoever breaks it."""
    found = [{"rule": rule, "message": message} for rule, message in pairs]
    return {"x-kubernetes-validations": found}


def condition() -> Schema:
    """The conditions of a status."""
    text = {"type": "string", "maxLength": 4096}
    properties = {
        "type": text,
        "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
        "reason": text,
        "message": text,
        "lastTransitionTime": {"type": "string", "format": "date-time"},
    }
    return {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["type", "status", "reason"],
            "properties": properties,
        },
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
    }


def status(**properties: Schema) -> Schema:
    """A status with these fields and conditions."""
    return {"type": "object", "properties": {**properties, "conditions": condition()}}


def string(description: str = "", *, enum: Sequence[str] = ()) -> Schema:
    """A string, one of ``enum`` if that is given."""
    schema: Schema = {"type": "string"}
    if description:
        schema["description"] = description
    if enum:
        schema["enum"] = [str(member) for member in enum]
    return schema


AGE = Column("Age", ".metadata.creationTimestamp", type="date")


def ready(path: str = "Ready") -> str:
    """The path of a condition's status, for a column."""
    return f".status.conditions[?(@.type=='{path}')].status"


def steps(kinds: type[StrEnum]) -> Schema:
    """The records of a story's steps."""
    seconds: Schema = {"type": "number", "description": "Seconds since the epoch."}
    step = {
        "id": string(),
        "kind": string(enum=list(kinds)),
        "subject": string(),
        "site": string(),
        "state": string(enum=list(StepState)),
        "started": seconds,
        "ended": seconds,
        "by": string("The operator that acted."),
        "detail": string(),
    }
    return {
        "type": "array",
        "items": {"type": "object", "required": ["id", "state"], "properties": step},
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["id"],
    }
