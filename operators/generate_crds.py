"""Generates ``operators/crds/*.yaml`` from the nouns in ``hospital``.

The nouns are the only source: a field that is added there appears here, with its enum and its
default, and a test fails while the files on disk differ from what this module would write.
What the API server can judge alone is judged there, by CEL, before any operator sees it.

    python -m operators.generate_crds            writes the files
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import yaml

from hospital.codec import EstateHead, camel
from hospital.estate import Database, DeclaredMigration, Link, RecoveryPlan, Site, Workload
from hospital.story import ActionKind, ActionPhase, StepKind, StepState

Schema = dict[str, Any]

GROUP = "xinglin.dev"
VERSION = "v1alpha1"
DIRECTORY = Path(__file__).with_name("crds")

_DURATION = r"^[0-9]+(s|ms|us)$"
_LONGEST_LIST = 256  # CEL estimates its cost from the longest possible list
_LONGEST_TEXT = 512


class _PlainDumper(yaml.SafeDumper):
    """Writes shared parts out in full: anchors make a definition hard to read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


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


def schema_of(kind: Any) -> Schema:
    """The OpenAPI schema of a noun or of the type of one of its fields, as the codec encodes it."""
    if is_dataclass(kind):
        return _object_schema(kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
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


def definition(kind: Kind) -> Schema:
    """The whole CustomResourceDefinition of one kind."""
    schema = {
        "type": "object",
        "description": kind.description,
        "required": ["spec"],
        "properties": {"spec": kind.spec, "status": kind.status},
    }
    if "name" in kind.spec["properties"]:
        schema |= _rules(("self.spec.name == self.metadata.name", "spec.name is the object's name"))
    version = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
        "additionalPrinterColumns": [_column(column) for column in kind.columns],
    }
    names = {
        "kind": kind.name,
        "listKind": f"{kind.name}List",
        "plural": kind.plural,
        "singular": kind.name.lower(),
        "shortNames": [kind.short],
        "categories": ["xinglin"],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{GROUP}"},
        "spec": {"group": GROUP, "names": names, "scope": "Cluster", "versions": [version]},
    }


def kinds() -> tuple[Kind, ...]:
    """Every kind of the API group."""
    return (_site(), _workload(), _plan(), _action())


def generate() -> dict[str, str]:
    """File name → content of every definition."""
    return {f"{kind.plural}.yaml": _text(definition(kind)) for kind in kinds()}


def write(directory: Path = DIRECTORY) -> None:
    """Write every definition into ``directory``."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in generate().items():
        (directory / name).write_text(text, encoding="utf-8")


def _text(document: Schema) -> str:
    head = "# Generated by operators/generate_crds.py from the nouns in hospital/; do not edit.\n"
    dumped: str = yaml.dump(
        document, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=96
    )
    return head + dumped


def _column(column: Column) -> Schema:
    shown: Schema = {"name": column.name, "type": column.type, "jsonPath": column.path}
    return shown | ({"priority": 1} if column.wide else {})


def _rules(*pairs: tuple[str, str]) -> Schema:
    rules = [{"rule": rule, "message": message} for rule, message in pairs]
    return {"x-kubernetes-validations": rules}


def _condition() -> Schema:
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


def _status(**properties: Schema) -> Schema:
    return {"type": "object", "properties": {**properties, "conditions": _condition()}}


def _string(description: str = "", *, enum: Sequence[str] = ()) -> Schema:
    schema: Schema = {"type": "string"}
    if description:
        schema["description"] = description
    if enum:
        schema["enum"] = [str(member) for member in enum]
    return schema


_AGE = Column("Age", ".metadata.creationTimestamp", type="date")


def _ready(path: str = "Ready") -> str:
    return f".status.conditions[?(@.type=='{path}')].status"


def _site() -> Kind:
    spec = schema_of(Site)
    spec["properties"] |= {
        "estate": schema_of(EstateHead),
        "links": schema_of(tuple[Link, ...]),
        "databases": schema_of(tuple[Database, ...]),
    }
    spec["required"] = [*spec["required"], "estate"]
    spec |= _rules(
        ("self.kind == oldSelf.kind", "a site never changes its kind: declare a new site"),
        ("self.architectures.size() > 0", "a site has at least one architecture"),
    )
    return Kind(
        name="Site",
        plural="sites",
        short="xsite",
        description="A failure domain of the estate: what burns together.",
        spec=spec,
        status=_status(
            heartbeat=_string("When its operator last wrote its Lease."),
            observedBy={"type": "array", "items": {"type": "string"}},
        ),
        columns=(
            Column("Kind", ".spec.kind"),
            Column("Domain", ".spec.failureDomain"),
            Column("Architectures", ".spec.architectures"),
            Column("Ready", _ready()),
            Column("Reason", ".status.conditions[?(@.type=='Ready')].reason"),
            _AGE,
        ),
    )


def _workload() -> Kind:
    spec = schema_of(Workload)
    spec["properties"]["migrations"] = schema_of(tuple[DeclaredMigration, ...])
    for field, highest in (("dataLevel", 5), ("mlpsLevel", 5), ("cryptoLevel", 5)):
        spec["properties"][field] |= {"minimum": 1, "maximum": highest}
    spec["properties"]["replicas"] |= {"minimum": 0}
    spec["properties"]["zone"] = {"type": "string", "enum": ["internal", "dmz", "device"]}
    spec |= _rules(
        (
            "!has(self.standbys) || !has(self.home) || !(self.home in self.standbys)",
            "home must not be among the standbys",
        ),
        ("!(self.name in self.dependsOn)", "a workload cannot depend on itself"),
    )
    return Kind(
        name="Workload",
        plural="workloads",
        short="xwl",
        description="One hospital system: what it needs, where it may run, where it runs now.",
        spec=spec,
        status=_status(
            activeSite=_string("The site where it runs now."),
            readyReplicas={"type": "integer"},
        ),
        columns=(
            Column("Title", ".spec.titleZh"),
            Column("Tier", ".spec.tier"),
            Column("Home", ".spec.home"),
            Column("Active", ".status.activeSite"),
            Column("Ready", _ready()),
            Column("RTO", ".spec.rto", wide=True),
            Column("RPO", ".spec.rpo", wide=True),
            Column("Message", ".status.conditions[?(@.type=='Ready')].message", wide=True),
            _AGE,
        ),
    )


def _plan() -> Kind:
    spec = schema_of(RecoveryPlan)
    spec |= _rules(
        ("!(self.home in self.standbys)", "home must not be among the standbys"),
        ("self.standbys.size() > 0", "a plan without a standby recovers nothing"),
        ("self.workloads.size() > 0", "a plan without workloads recovers nothing"),
        (
            "self.replication != 'asynchronous' || self.rpo == '' || !(self.rpo in ['0s', '0ms'])",
            "asynchronous replication cannot promise an RPO of zero",
        ),
    )
    return Kind(
        name="RecoveryPlan",
        plural="recoveryplans",
        short="xplan",
        description="What to do when a group of workloads loses its home.",
        spec=spec,
        status=_status(
            activeSite=_string("The site where the plan's workloads (and its database) run now."),
            primary=_string("Host id of the database's primary."),
            message=_string("What holds automatic recovery back, if anything does."),
        ),
        columns=(
            Column("Home", ".spec.home"),
            Column("Standbys", ".spec.standbys"),
            Column("Mode", ".spec.mode"),
            Column("Active", ".status.activeSite"),
            Column("Ready", _ready()),
            Column("Message", ".status.message"),
            _AGE,
        ),
    )


def _action() -> Kind:
    return Kind(
        name="RecoveryAction",
        plural="recoveryactions",
        short="xact",
        description="One failover, switchover or failback: asked for, carried out, measured.",
        spec=_action_spec(),
        status=_action_status(),
        columns=(
            Column("Plan", ".spec.plan"),
            Column("Kind", ".spec.kind"),
            Column("Target", ".spec.target"),
            Column("Phase", ".status.phase"),
            Column("RTO", ".status.rtoSeconds", type="number"),
            _AGE,
            Column("By", ".spec.requestedBy", wide=True),
            Column("Message", ".status.message"),
        ),
    )


def _action_spec() -> Schema:
    properties: dict[str, Schema] = {
        "plan": {"type": "string", "minLength": 1, "maxLength": 63},
        "kind": {"type": "string", "enum": [kind.value for kind in ActionKind]},
        "target": {
            "type": "string",
            "maxLength": 63,
            "description": "A site; absent or empty lets placement choose among the standbys.",
        },
        "reason": {"type": "string", "minLength": 1, "maxLength": 1024},
        "requestedBy": {"type": "string", "minLength": 1, "maxLength": 253},
        "requestedAt": {"type": "number", "description": "Seconds since the epoch."},
        "acceptLoss": {
            "type": "boolean",
            "description": "A person accepts loss above the declared RPO, by name and reason.",
        },
    }
    rules = _rules(
        ("self == oldSelf", "what was asked for is evidence and cannot be changed: ask anew"),
        (
            "!has(self.acceptLoss) || !self.acceptLoss"
            " || !self.requestedBy.startsWith('operator/')",
            "only a person may accept loss",
        ),
        (
            "self.kind == 'failover' || !has(self.acceptLoss) || !self.acceptLoss",
            "a planned move loses nothing, so there is no loss to accept",
        ),
    )
    required = ["plan", "kind", "reason", "requestedBy"]
    return {"type": "object", "properties": properties, "required": required, **rules}


def _action_status() -> Schema:
    seconds: Schema = {"type": "number", "description": "Seconds since the epoch."}
    step = {
        "id": _string(),
        "kind": _string(enum=list(StepKind)),
        "subject": _string(),
        "site": _string(),
        "state": _string(enum=list(StepState)),
        "started": seconds,
        "ended": seconds,
        "by": _string("The operator that acted."),
        "detail": _string(),
    }
    steps: Schema = {
        "type": "array",
        "items": {"type": "object", "required": ["id", "state"], "properties": step},
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["id"],
    }
    return _status(
        phase=_string(enum=list(ActionPhase)),
        message=_string(),
        started=seconds,
        ended=seconds,
        rtoSeconds={"type": "number", "description": "From the request to the last step done."},
        steps=steps,
    )


if __name__ == "__main__":
    write()
