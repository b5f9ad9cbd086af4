"""Which clauses the rules cover, and how far: the honest answer to "does it check this?".

Pure: the clauses are a file here, the rules are those that are found. A clause is never said to be
covered further than it is: one rule that looks at one side of it, or that only advises, covers a
part; what only a record can show is covered by no configuration, however good.

``clauses.json`` says where the clauses are, in our own short words, and whether what the gates read
can decide them; no standard is quoted. It is JSON because every audit reads it: as YAML it took as
long as a third of all judgements.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from hospital.rule import Clause, Gate, Level, Rule, Text
from policies.rules import all_rules

FILE = Path(__file__).with_name("clauses.json")


class Decidable(StrEnum):
    """Whether what the gates read can decide a clause."""

    AUTO = "auto"  # what they read decides it
    PARTIAL = "partial"  # it shows a part
    ATTEST = "attest"  # only a record can show it


class Status(StrEnum):
    """How far the rules cover a clause."""

    AUTOMATIC = "automatic"  # a mandatory rule decides it
    PARTIAL = "partial"  # a rule looks at a part of it, or only advises
    ATTESTED = "attested"  # only a record can show it, and no rule reads one
    NOT_COVERED = "not covered"  # a rule could look at it, and none does


@dataclass(frozen=True, slots=True)
class Entry:
    """A clause of the catalogue, in our own words."""

    clause: Clause
    title: Text
    levels: tuple[str, ...]  # of its document; of 密评 with the modal word, "3 应"
    decidable: Decidable
    # What of it no rule looks at, although a rule names it: it is then covered in part at most.
    # Taken out when a rule looks at that, never before.
    unchecked: Text | None = None
    # Of a clause that no rule names: what a rule would need to know and nothing here tells.
    untold: Text | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the catalogue."""

    name: str
    title: Text
    scope: Text  # what of it is in the catalogue, and what is left out
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """A clause, and what the rules do for it."""

    entry: Entry
    rules: tuple[Rule, ...]  # those that name it
    status: Status
    reason: Text

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates at which at least one of its rules is asked."""
        return tuple(gate for gate in Gate if any(gate in rule.gates for rule in self.rules))


@cache
def documents() -> tuple[Document, ...]:
    """The catalogue, in the order of its file."""
    return tuple(_document(item) for item in json.loads(FILE.read_bytes()))


def catalogue() -> tuple[Entry, ...]:
    """Every clause of every document."""
    return tuple(entry for document in documents() for entry in document.entries)


def coverage() -> tuple[Covered, ...]:
    """Every clause of the catalogue against every rule that is found."""
    return cover(catalogue(), [found.rule for found in all_rules()])


def cover(entries: Iterable[Entry], rules: Iterable[Rule]) -> tuple[Covered, ...]:
    """Each of ``entries`` with the rules that name it, and what that amounts to."""
    by_clause: dict[Clause, list[Rule]] = {}
    for rule in rules:
        for clause in rule.clauses:
            by_clause.setdefault(clause, []).append(rule)
    return tuple(_covered(entry, tuple(by_clause.get(entry.clause, ()))) for entry in entries)


def numbers(covered: Iterable[Covered]) -> Mapping[Status, int]:
    """How many clauses there are of each status, every status named."""
    counts = Counter(item.status for item in covered)
    return {status: counts[status] for status in Status}


def _covered(entry: Entry, rules: tuple[Rule, ...]) -> Covered:
    if not rules:
        return Covered(entry, rules, *_without_rules(entry))
    missing = tuple(_missing(entry, rules))
    if missing:
        zh, en = "；".join(text.zh for text in missing), "; ".join(text.en for text in missing)
        return Covered(entry, rules, Status.PARTIAL, Text(zh, en))
    return Covered(entry, rules, Status.AUTOMATIC, Text("由必选规则判定", "a rule decides it"))


def _missing(entry: Entry, rules: tuple[Rule, ...]) -> Iterable[Text]:
    """Why rules that name a clause do not decide it."""
    if entry.unchecked:
        zh, en = entry.unchecked.zh, entry.unchecked.en
        yield Text(f"未检查：{zh}", f"not looked at: {en}")
    if entry.decidable is Decidable.PARTIAL:
        yield Text("配置只能说明一部分", "configuration shows a part of it")
    if entry.decidable is Decidable.ATTEST:
        yield Text(
            "规则只核对声明，其余须凭记录", "rules read what is declared; records show the rest"
        )
    if all(rule.level is Level.ADVISORY for rule in rules):
        yield Text("规则仅作提示", "rules only advise")


def _without_rules(entry: Entry) -> tuple[Status, Text]:
    if entry.decidable is Decidable.ATTEST:
        return Status.ATTESTED, Text("须凭记录证明", "only a record can show it")
    zh, en = "尚无规则", "no rule yet"
    if entry.untold:
        zh, en = f"{zh}，缺少事实：{entry.untold.zh}", f"{en}, nothing tells {entry.untold.en}"
    return Status.NOT_COVERED, Text(zh, en)


def _document(item: Mapping[str, Any]) -> Document:
    name = item["document"]
    entries = tuple(_entry(name, clause) for clause in item["clauses"])
    return Document(name, Text(**item["title"]), Text(**item["scope"]), entries)


def _entry(document: str, item: Mapping[str, Any]) -> Entry:
    return Entry(
        Clause(document, item["place"]),
        Text(item["zh"], item["en"]),
        tuple(str(level) for level in item["levels"]),
        Decidable(item["decidable"]),
        Text(*item["unchecked"]) if "unchecked" in item else None,
        Text(*item["untold"]) if "untold" in item else None,
    )
