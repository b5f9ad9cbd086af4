"""What a check is and what it answers: the words that every file beside this one shares.

A check is a pure function of ``Facts``. It asks for a fact with ``known``; one that nobody could
read ends the check there with the outcome "unknown". So no check can pass on what was never seen,
not even by mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from hospital.move import Method
from hospital.prechecks.facts import DatabaseFacts, Facts, PortFacts
from hospital.rule import Text

_Value = TypeVar("_Value")

BOTH = frozenset(Method)
LOGICAL = frozenset({Method.LOGICAL})
PHYSICAL = frozenset({Method.PHYSICAL})


class End(StrEnum):
    """An end of the move."""

    SOURCE = "source"  # where the workload runs now
    TARGET = "target"  # where it goes


NOWHERE: frozenset[End] = frozenset()
TARGET = frozenset({End.TARGET})
ENDS = frozenset(End)


class Severity(StrEnum):
    """What a check that fails does to the migration."""

    BLOCKING = "blocking"  # it waits until the cause is mended or a person takes it on by name
    WARNING = "warning"  # it goes on, and the finding stands in plan and evidence


class Outcome(StrEnum):
    """How a check ended; none has a successor but by running it again on new facts."""

    PASS = "pass"
    FAIL = "fail"  # of a blocking check
    WARNING = "warning"  # of a warning check, or of a blocking one that sees a lesser fault
    UNKNOWN = "unknown"  # a fact that it needs could not be read
    NOT_APPLICABLE = "not-applicable"  # another method, or nothing there to ask about


class Part(StrEnum):
    """What a check is about, in the order of the page."""

    DECLARATION = "declaration"
    PROGRAMS = "programs"
    DATABASE = "database"
    CONTENT = "content"
    REPLICATION = "replication"
    NETWORK = "network"
    ROOM = "room"
    DUTIES = "duties"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check's function says: how it ended, and what it saw."""

    outcome: Outcome
    seen: Text
    remedy: Text | None = None  # where the check's own does not fit


@dataclass(frozen=True, slots=True)
class Precheck:
    """One check; ``id`` is its file's name."""

    id: str
    part: Part
    title: Text
    severity: Severity
    remedy: Text
    function: Callable[[Facts], Answer]
    methods: frozenset[Method] = BOTH
    database: bool = False  # it asks about the database: not applicable to a workload without
    declared: bool = False  # it asks the declaration alone, which is always known
    blind: bool = False  # not knowing is as bad as failing: "unknown" blocks too
    pods: frozenset[End] = NOWHERE  # asks what pods need there: not applicable to one on hosts


class Absent(Exception):
    """Nobody could read a fact; its name is the only argument."""


def known(value: _Value | None, name: str) -> _Value:
    """The value of a fact; raises ``Absent`` with its name when nobody could read it."""
    if value is None:
        raise Absent(name)
    return value


def source(facts: Facts) -> DatabaseFacts:
    """What the source's database says of itself."""
    return known(facts.source, "source")


def target(facts: Facts) -> DatabaseFacts:
    """What the target's database says of itself."""
    return known(facts.target, "target")


def passed(zh: str, en: str) -> Answer:
    """It is as it should be; what was seen."""
    return Answer(Outcome.PASS, Text(zh, en))


def failed(zh: str, en: str, *, remedy: Text | None = None) -> Answer:
    """It is not; a warning check's failure is shown as a warning."""
    return Answer(Outcome.FAIL, Text(zh, en), remedy)


def warned(zh: str, en: str, *, remedy: Text | None = None) -> Answer:
    """It is not quite; no reason to wait."""
    return Answer(Outcome.WARNING, Text(zh, en), remedy)


def skipped(zh: str, en: str) -> Answer:
    """There is nothing to ask about."""
    return Answer(Outcome.NOT_APPLICABLE, Text(zh, en))


def listed(names: Iterable[str], *, at_most: int = 5) -> str:
    """Names on one line: the first few, and how many more."""
    known_names = list(names)
    more = len(known_names) - at_most
    shown = ", ".join(known_names[:at_most])
    return f"{shown} (+{more})" if more > 0 else shown


def free_at_both_ends(facts: Facts, counter: str, *, needed: int, zh: str) -> Answer:
    """Whether so many of what a server has few of are free: ``<counter>_max`` less ``_used``."""
    few = []
    for end, database in (("source", source(facts)), ("target", target(facts))):
        most = known(getattr(database, f"{counter}_max"), f"{end}.{counter}_max")
        used = known(getattr(database, f"{counter}_used"), f"{end}.{counter}_used")
        if most - used < needed:
            few.append(f"{end} {used}/{most}")
    if few:
        return failed(
            f"{zh}不足 {needed} 个：{listed(few)}", f"fewer than {needed} free: {listed(few)}"
        )
    return passed(f"两端均有 {needed} 个以上空闲", f"at least {needed} are free at both ends")


def reachable(ports: tuple[PortFacts, ...] | None, name: str) -> Answer:
    """Whether every call of a way was answered; a way without a call is unknown."""
    calls = known(ports or None, name)
    closed = [f"{each.origin} -> {each.address}" for each in calls if not each.answers]
    if closed:
        return failed(f"不通：{listed(closed)}", f"no answer: {listed(closed)}")
    shown = listed(f"{each.origin} -> {each.address}" for each in calls)
    return passed(f"可达：{shown}", f"reachable: {shown}")


def size(count_bytes: float) -> str:
    """Bytes for a reader: "1.5 GiB"."""
    value = float(count_bytes)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(value) < 1024:
            return f"{value:.3g} {unit}"
        value /= 1024
    return f"{value:.3g} TiB"


def milliseconds(seconds: float) -> str:
    """Seconds for a reader, in milliseconds: "6.2 ms"."""
    return f"{seconds * 1000:.3g} ms"
