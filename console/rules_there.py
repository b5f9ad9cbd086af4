"""What the rules would find of a workload where a migration takes it, for ``migrate plan``.

Operators know no rules, so the desk asks them: on the declaration as it would read once the move is
over. What must never happen: a move after which the next preview refuses the estate, and nobody
was told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from console.inspection import wanted
from hospital.codec import encode
from hospital.estate import Estate, Workload
from hospital.move import Method, Migration
from hospital.prechecks.facts import PolicyFacts
from hospital.rule import Kind, Resource
from policies import day
from policies.judgement import Finding, judge
from policies.nouns import from_estate
from policies.rules import all_rules


def findings(estate: Estate, migration: Migration) -> tuple[PolicyFacts, ...]:
    """What is found of the workload and its objects at the target, but what is waived."""
    after = _after(estate, migration)
    resources = from_estate(after, objects=partial(wanted, after))
    judged = judge(all_rules(), resources, today=day.today(), policy=encode(after.policy))
    there = (each for each in judged.findings if _is_about(each.resource, migration))
    return tuple(_told(there))


def _after(estate: Estate, migration: Migration) -> Estate:
    """The declaration as it will have to read: at home at the target, no longer to be moved."""
    there = _moved(estate.workload(migration.workload), migration)
    moves = (each for each in estate.migrations if each.workload != there.name)
    return replace(
        estate,
        workloads=tuple(there if one.name == there.name else one for one in estate.workloads),
        migrations=tuple(moves),
    )


def _moved(workload: Workload, migration: Migration) -> Workload:
    if migration.method is Method.LOGICAL:  # its database has no other member that we know of
        return replace(workload, home=migration.target, standbys=(), database=migration.database)
    others = tuple(site for site in workload.sites if site != migration.target)
    return replace(workload, home=migration.target, standbys=others)


def _is_about(resource: Resource, migration: Migration) -> bool:
    workload = resource.inputs.get("workload", {})
    if workload.get("name") != migration.workload:
        return False
    if resource.kind is Kind.OBJECT:
        return resource.name.endswith(f"@{migration.target}")
    return resource.name == f"{migration.workload}-{migration.target}"


def _told(found: Iterator[Finding]) -> Iterator[PolicyFacts]:
    open_ones = ((one.rule, one.resource.id, one.refuses) for one in found if not one.waived)
    for rule, resource, refuses in dict.fromkeys(open_ones):
        yield PolicyFacts(rule.id, resource, refuses, rule.title.zh, rule.title.en)
