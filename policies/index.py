"""What rules say of themselves, as one file: ``policies/rules/index.json``.

To import every rule takes longer than to judge a thousand objects, and of most a gate only has to
know that they do not apply. ``python -m policies.pages`` writes the file from the rules, a test
keeps it true. What must never happen: a rule that is judged by what an index says, and not by its
own file; so ``policies/rules`` compares both before it asks a rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from hospital.parameters import PARAMETERS, of
from hospital.rule import Clause, Kind, Level, Rule, Scope, Severity, Text

_PARAMETERS = {each.rule: of(each.rule) for each in PARAMETERS}  # of rules that have any


class Entry(NamedTuple):
    """A rule as the index names it."""

    family: str
    rule: Rule
    fixes: bool  # whether it can put right what it finds


def written(entries: Iterable[Entry]) -> str:
    """The index, a line for every rule, in their order."""
    lines = (json.dumps(_plain(each), ensure_ascii=False) for each in entries)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def read(text: bytes) -> Iterator[Entry]:
    """Every rule in the index, in its order."""
    for item in json.loads(text):
        yield Entry(item["family"], _rule(item), item["fixes"])


def _plain(entry: Entry) -> dict[str, Any]:
    """All that a rule says of itself; its parameters are in ``hospital/parameters.py``."""
    rule = entry.rule
    return {
        "family": entry.family,
        "id": rule.id,
        "clauses": [[clause.document, clause.place] for clause in rule.clauses],
        "level": rule.level,
        "severity": rule.severity,
        "kinds": rule.kinds,
        "title": [rule.title.zh, rule.title.en],
        "remedy": [rule.remedy.zh, rule.remedy.en],
        "waivedBy": [rule.waived_by.zh, rule.waived_by.en] if rule.waived_by else None,
        "scope": rule.scope,
        "objects": rule.objects,
        "needs": rule.needs,
        "fixes": entry.fixes,
    }


def _rule(item: dict[str, Any]) -> Rule:
    waived_by = item["waivedBy"]
    return Rule(
        id=item["id"],
        clauses=tuple(Clause(*clause) for clause in item["clauses"]),
        level=Level(item["level"]),
        severity=Severity(item["severity"]),
        kinds=tuple(map(Kind, item["kinds"])),
        title=Text(*item["title"]),
        remedy=Text(*item["remedy"]),
        waived_by=Text(*waived_by) if waived_by else None,
        scope=Scope(item["scope"]),
        objects=tuple(item["objects"]),
        needs=tuple(item["needs"]),
        parameters=_PARAMETERS.get(item["id"], ()),
    )
