"""What a rule is, what it judges, and what it says: the vocabulary of the three gates.

A rule is one file with a ``RULE`` and a pure ``check``. Preview, admission and audit call the same
function with plain values; there is no clock and no network in it, so the same declaration on the
same day is judged the same everywhere. A rule must never quote a standard: it names the clause and
says in its own words what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, TypeVar

Plain = Mapping[str, Any]
_View = TypeVar("_View")

Settings = Mapping[str, Mapping[str, Any]]
"""Values of parameters, by rule and name."""

PODS = (
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
)
"""Kinds of Kubernetes object that hold a pod, for ``Rule.objects``."""


class Gate(StrEnum):
    """Where rules are asked."""

    PREVIEW = "preview"  # before Pulumi makes anything
    ADMISSION = "admission"  # before a cluster takes an object
    AUDIT = "audit"  # whenever somebody asks, of declarations, files and what lives


class Kind(StrEnum):
    """The kinds of resource that rules judge: the provider's types, and single objects."""

    SITE = "Site"  # inputs: `site`, `links`, `databases` (of which it holds the first member)
    WORKLOAD = "Workload"  # one workload at one site; inputs: `workload`, `site`, `objects`
    PLAN = "RecoveryPlan"  # inputs: `plan`
    HOSTS = "Hosts"
    BUCKET = "Bucket"
    NETWORK = "CloudNetwork"
    NAME = "DnsRecord"
    OBJECT = "Object"  # one Kubernetes object; inputs: `object`, `workload` or `waivers` if known
    # What a survey saw (`hospital/survey.py`); inputs: the fields of its value, `facts` among them.
    HOST = "Host"
    DATABASE = "Database"  # one member of a database
    ENDPOINT = "Endpoint"
    CLUSTER = "Cluster"
    ACCOUNT = "CloudAccount"


SURVEYED = frozenset({Kind.HOST, Kind.DATABASE, Kind.ENDPOINT, Kind.CLUSTER, Kind.ACCOUNT})
"""Kinds of what runs, which no declaration shows: only audit can judge them."""


ONLY_LIVE = "declared"
"""The input that only an audit of a living estate has: what should be where it saw ``objects``."""


class Level(StrEnum):
    """What a finding does at a gate."""

    MANDATORY = "mandatory"  # refuses
    ADVISORY = "advisory"  # is shown


class Severity(StrEnum):
    """How bad it is, for sorting and for the reader; it decides nothing."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Scope(StrEnum):
    """How much a check must know."""

    RESOURCE = "resource"  # the resource alone: refused before it is made
    ESTATE = "estate"  # the others too: judged when all of them are known


@dataclass(frozen=True, slots=True)
class Text:
    """The same thing said in Chinese and in English."""

    zh: str
    en: str

    def plain(self) -> dict[str, str]:
        """Both, as JSON-compatible data."""
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Clause:
    """Where the duty comes from: a document and the place in it."""

    document: str  # "GB/T 22239-2019"
    place: str  # "8.1.3.2 a"

    def __str__(self) -> str:
        return f"{self.document} {self.place}"


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing to judge, as its plain inputs; keys are camelCase (``hospital/codec.py``)."""

    kind: Kind
    name: str
    inputs: Plain
    urn: str = ""  # where a preview shows the finding; "" outside Pulumi
    place: str = ""  # `file:line` of what was read from a file

    @property
    def id(self) -> str:
        """``Workload/his-cloud``."""
        return f"{self.kind}/{self.name}"

    @property
    def waivers(self) -> tuple[Plain, ...]:
        """The workload's waivers, or those that an object carries: fields of ``estate.Waiver``."""
        workload = self.inputs.get("workload", {})
        return (*workload.get("waivers", ()), *self.inputs.get("waivers", ()))

    def waiver(self, rule: str, today: date) -> Plain | None:
        """The waiver of that rule which is in force today, or None."""
        for waiver in self.waivers:
            if waiver["rule"] == rule and date.fromisoformat(waiver["until"]) >= today:
                return waiver
        return None


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an estate may set of a rule; the table is ``hospital/parameters.py``."""

    rule: str  # id
    name: str  # as a declaration writes it, the unit in it: `noticeDays`
    default: int | tuple[int, ...] | tuple[str, ...]
    title: Text
    source: str  # of the bounds
    least: int | None = None  # lawful range of a number, or of each number of a list
    most: int | None = None
    never: tuple[int, ...] | tuple[str, ...] = ()  # what no list may hold


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule says of itself; ``id`` is its file's name."""

    id: str
    clauses: tuple[Clause, ...]
    level: Level
    severity: Severity
    kinds: tuple[Kind, ...]
    title: Text
    remedy: Text
    waived_by: Text | None = None  # who may sign a waiver; None: it cannot be waived
    scope: Scope = Scope.RESOURCE
    objects: tuple[str, ...] = ()  # of Kind.OBJECT: the kinds of Kubernetes object
    needs: tuple[str, ...] = field(default=())  # inputs without which there is nothing to judge
    parameters: tuple[Parameter, ...] = ()  # what an estate may set

    @property
    def gates(self) -> tuple[Gate, ...]:
        """Where this rule is asked: at admission only what one object alone decides."""
        if SURVEYED.issuperset(self.kinds) or ONLY_LIVE in self.needs:
            return (Gate.AUDIT,)
        alone = Kind.OBJECT in self.kinds and self.scope is Scope.RESOURCE
        return tuple(gate for gate in Gate if gate is not Gate.ADMISSION or alone)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a check may know besides its resource."""

    today: date  # the day of the judgement
    resources: tuple[Resource, ...] = ()  # empty where only one resource is known
    parameters: Settings = field(default_factory=dict)  # what the estate sets, by rule and name
    waivers: tuple[Plain, ...] = ()  # of the estate: fields of ``estate.ResourceWaiver``
    _views: dict[Callable[..., Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def view(self, of: Callable[[tuple[Resource, ...]], _View]) -> _View:
        """What the pure function ``of`` makes of the resources.

        Made once, so that comparing each with all of them takes time by their number, not its
        square.
        """
        if of not in self._views:
            self._views[of] = of(self.resources)
        view: _View = self._views[of]
        return view

    def waiver(self, rule: str, resource: Resource) -> Plain | None:
        """The waiver that is in force today for that rule and resource, or None."""
        for waiver in self.waivers:
            named = (waiver["rule"], waiver["resource"]) == (rule, resource.id)
            if named and date.fromisoformat(waiver["until"]) >= self.today:
                return waiver
        return resource.waiver(rule, self.today)

    def parameter(self, rule: Rule, name: str) -> Any:
        """The value in force: the estate's, else the rule's default."""
        (found,) = (each for each in rule.parameters if each.name == name)
        return self.parameters.get(rule.id, {}).get(name, found.default)


Check = Callable[[Resource, Facts], Iterable[Text]]
"""Yields one reason per thing that is wrong with the resource; nothing if it complies."""


Fix = Callable[[dict[str, Any]], None]
"""Optional beside ``check``: changes a copy of a resource's inputs so that it finds less.

Only what is safe without asking: nothing is taken away that the workload says it needs.
"""


class RuleModule(Protocol):
    """A file under ``policies/rules/<family>/``."""

    __name__: str
    RULE: Rule
    check: Check
