"""By what an estate is assessed: the rules and clauses that belong to a level or a programme.

Computed from the catalogue's levels and the families of rules, never listed: a rule or clause that
is added joins its profiles by itself. What must never happen: a report by a profile that reads as
if all rules had been asked; so every report names it, with how far its clauses are covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from hospital.errors import DeclarationError, Problem
from hospital.rule import Clause, Text
from policies.coverage import Covered, Entry, cover, numbers
from policies.rules import FoundRule

FILE = Path(__file__).with_name("profiles.yaml")


@dataclass(frozen=True, slots=True)
class Profile:
    """What belongs together when somebody assesses."""

    id: str
    title: Text  # the Chinese one is its other name
    levels: Mapping[str, str]  # document → the level at which its clauses belong
    families: frozenset[str]  # of rules

    def grades(self, entry: Entry) -> bool:
        """Whether the clause applies at a level of this profile.

        A clause to which its document gives no level applies at every level.
        """
        level = self.levels.get(entry.clause.document)
        return level is not None and (not entry.levels or level in map(_number, entry.levels))


@dataclass(frozen=True, slots=True)
class Selection:
    """The rules to ask, and the clauses to speak of with what these rules do for them."""

    rules: tuple[FoundRule, ...]
    covered: tuple[Covered, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The selected clauses as the catalogue has them."""
        return tuple(item.entry for item in self.covered)


@cache
def profiles() -> tuple[Profile, ...]:
    """Every profile, in the order of its file."""
    return tuple(_profile(item) for item in yaml.safe_load(FILE.read_text(encoding="utf-8")))


def named(name: str) -> Profile:
    """The profile of that id or Chinese name; DeclarationError tells the near one and all."""
    for profile in profiles():
        if name in (profile.id, profile.title.zh):
            return profile
    from hospital.kinds import nearest  # noqa: PLC0415  # for who mistyped

    words = [word for profile in profiles() for word in (profile.id, profile.title.zh)]
    every = "the profiles are " + ", ".join(f"{each.id} {each.title.zh}" for each in profiles())
    remedy = " ".join(filter(None, (nearest(name, words), every)))
    raise DeclarationError((Problem(FILE.name, "profile", f"there is no '{name}'", remedy),))


def select(
    profile: Profile | None, rules: Iterable[FoundRule], *, entries: Iterable[Entry]
) -> Selection:
    """What of ``rules`` and ``entries`` belongs to ``profile``, in their order; all for None."""
    found, clauses = tuple(rules), tuple(entries)
    if profile is not None:
        graded = {entry.clause for entry in clauses if profile.grades(entry)}
        found = tuple(item for item in found if _belongs(item, profile, graded))
        of_families = (item.rule for item in found if item.family in profile.families)
        graded |= {clause for rule in of_families for clause in rule.clauses}
        clauses = tuple(entry for entry in clauses if entry.clause in graded)
    return Selection(found, cover(clauses, [item.rule for item in found]))


def summary(profile: Profile, selection: Selection) -> dict[str, Any]:
    """The profile and its numbers as JSON-compatible data.

    ``counts`` are its clauses by how far its rules cover them.
    """
    return {
        "id": profile.id,
        "title": profile.title.plain(),
        "rules": len(selection.rules),
        "clauses": len(selection.covered),
        "counts": {status.value: count for status, count in numbers(selection.covered).items()},
    }


def _belongs(found: FoundRule, profile: Profile, graded: set[Clause]) -> bool:
    return found.family in profile.families or not graded.isdisjoint(found.rule.clauses)


def _number(level: str) -> str:
    """``3`` of ``3 应``."""
    return level.split(maxsplit=1)[0]


def _profile(item: Mapping[str, Any]) -> Profile:
    levels = {document: str(level) for document, level in item["levels"].items()}
    return Profile(item["id"], Text(**item["title"]), levels, frozenset(item["families"]))
