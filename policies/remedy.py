"""What fixes make of a resource: the rules that say how to put right what they find.

Pure. A fix is tried on a copy and kept only if its rule then finds less and no rule finds more.
What is waived stays as it is, for somebody answers for it; what is not known yet stays too, and
what no fix can put right is still found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from hospital.rule import Facts, Plain, Resource, Scope
from hospital.unknown import Deferred
from policies.judgement import facts_of, findings_in
from policies.rules import FoundRule

Counts = Mapping[str, int]


def repaired(
    resource: Resource,
    rules: Iterable[FoundRule],
    *,
    today: date,
    policy: Plain | None = None,
) -> tuple[Resource, tuple[str, ...]]:
    """The resource as the fixes make it, and the ids of the rules whose fix was kept."""
    asked = tuple(found for found in rules if found.rule.scope is Scope.RESOURCE)
    kept: list[str] = []
    try:
        _copy(resource.inputs)
    except Deferred:
        return resource, ()
    before = _counts(asked, resource, today=today, policy=policy)
    for found in asked:
        if found.fix is None or found.rule.id not in before:
            continue
        inputs = _copy(resource.inputs)
        found.fix(inputs)
        candidate = replace(resource, inputs=inputs)
        after = _counts(asked, candidate, today=today, policy=policy)
        if _better(found.rule.id, before, after):
            resource, before = candidate, after
            kept.append(found.rule.id)
    return resource, tuple(kept)


def _counts(
    rules: Iterable[FoundRule], resource: Resource, *, today: date, policy: Plain | None
) -> Counts:
    """How many findings each rule has that nobody answers for."""
    facts: Facts = facts_of((resource,), today=today, policy=policy)
    counts: dict[str, int] = {}
    for finding in findings_in(rules, facts):
        if not finding.waived:
            counts[finding.rule.id] = counts.get(finding.rule.id, 0) + 1
    return counts


def _better(rule: str, before: Counts, after: Counts) -> bool:
    worse = any(count > before.get(other, 0) for other, count in after.items())
    return not worse and after.get(rule, 0) < before.get(rule, 0)


def _copy(value: Any) -> Any:
    """Plain data that is the caller's own, whatever kinds of mapping and list it is made of."""
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(item) for item in value]
    return value
