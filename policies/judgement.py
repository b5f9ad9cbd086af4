"""Judge resources by rules: who was judged, what was found, what was waived.

Pure. Nothing may get lost on the way: a waived finding is kept and called waived, a resource that
lacks what a rule must read is a finding (what cannot be judged is refused), and a rule that judged
nothing says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from hospital.rule import Facts, Kind, Level, Plain, Resource, Rule, Text
from policies.rules import FoundRule


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one resource."""

    rule: Rule
    resource: Resource
    reason: Text
    waiver: Plain | None = None  # the one in force, fields of ``hospital.estate.Waiver``

    @property
    def waived(self) -> bool:
        """Whether somebody answers for it."""
        return self.waiver is not None

    @property
    def refuses(self) -> bool:
        """Whether a gate stops at it."""
        return self.rule.level is Level.MANDATORY and not self.waived


@dataclass(frozen=True, slots=True)
class Tally:
    """What one rule did."""

    family: str
    rule: Rule
    judged: tuple[str, ...]  # resource ids
    findings: tuple[Finding, ...]

    @property
    def not_applicable(self) -> Text | None:
        """Why the rule judged nothing; None if it judged something."""
        if self.judged:
            return None
        kinds, needs = ", ".join(self.rule.objects or self.rule.kinds), ", ".join(self.rule.needs)
        if needs:
            return Text(f"没有带 {needs} 的 {kinds} 资源", f"no {kinds} resource with {needs}")
        return Text(f"没有 {kinds} 资源", f"no {kinds} resource")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all rules said of all resources on one day."""

    today: date
    tallies: tuple[Tally, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, those waived and those that only advise included."""
        return tuple(finding for tally in self.tallies for finding in tally.findings)

    @property
    def refused(self) -> bool:
        """Whether a gate stops here."""
        return any(finding.refuses for finding in self.findings)


def judge(rules: Iterable[FoundRule], resources: Iterable[Resource], *, today: date) -> Judgement:
    """Judge every resource by every rule that applies to it, knowing all of them."""
    facts = Facts(today, tuple(resources))
    return Judgement(today, tuple(_tally(found, facts) for found in rules))


def findings_of(found: FoundRule, resource: Resource, facts: Facts) -> Iterator[Finding]:
    """What one rule finds in one resource to which it applies."""
    rule = found.rule
    waiver = resource.waiver(rule.id, facts.today) if rule.waived_by is not None else None
    for reason in _reasons(found, resource, facts):
        yield Finding(rule, resource, reason, waiver)


def findings_in(rules: Iterable[FoundRule], facts: Facts) -> Iterator[Finding]:
    """What the rules find in all the resources that are known, rule by rule."""
    for found in rules:
        for resource in facts.resources:
            if applies(found.rule, resource):
                yield from findings_of(found, resource, facts)


def applies(rule: Rule, resource: Resource) -> bool:
    """Whether the rule judges this resource at all."""
    if resource.kind not in rule.kinds or any(need not in resource.inputs for need in rule.needs):
        return False
    return resource.kind is not Kind.OBJECT or resource.inputs["object"]["kind"] in rule.objects


def void_waivers(
    rules: Iterable[FoundRule], resources: Iterable[Resource], *, today: date
) -> tuple[tuple[str, Text], ...]:
    """Waivers that waive nothing: (resource id, why), for no such rule, nobody's, or lapsed."""
    by_id = {found.rule.id: found.rule for found in rules}
    return tuple(
        (resource.id, reason)
        for resource in resources
        if resource.kind is Kind.WORKLOAD
        for waiver in resource.waivers
        for reason in _void(by_id.get(waiver["rule"]), waiver, today)
    )


def asked(rule: Rule, facts: Facts) -> Iterator[Resource]:
    """The resources of the rule's kinds, in their order: all others need not be asked."""
    of_kind = facts.view(_of_kinds)
    kinds = {*rule.kinds, *rule.objects}
    found = [each for kind in kinds for each in of_kind.get(kind, ())]
    return (resource for _, resource in sorted(found, key=lambda each: each[0]))


def _of_kinds(resources: tuple[Resource, ...]) -> dict[str, list[tuple[int, Resource]]]:
    """Resources with their number; a Kubernetes object stands under its own kind."""
    found: dict[str, list[tuple[int, Resource]]] = {}
    for number, item in enumerate(resources):
        kind = item.inputs["object"]["kind"] if item.kind is Kind.OBJECT else item.kind
        found.setdefault(str(kind), []).append((number, item))
    return found


def _tally(found: FoundRule, facts: Facts) -> Tally:
    judged = tuple(item for item in asked(found.rule, facts) if applies(found.rule, item))
    findings = tuple(finding for item in judged for finding in findings_of(found, item, facts))
    return Tally(found.family, found.rule, tuple(item.id for item in judged), findings)


def _reasons(found: FoundRule, resource: Resource, facts: Facts) -> tuple[Text, ...]:
    try:
        return tuple(found.check(resource, facts))
    except KeyError as missing:
        name = missing.args[0]
        return (Text(f"缺少字段 {name}，无法判定", f"lacks {name}: it cannot be judged"),)
    except Exception as error:
        # A rule that fails must never look like a rule that passed.
        return (Text(f"规则出错，无法判定：{error!r}", f"the rule failed: {error!r}"),)


def _void(rule: Rule | None, waiver: Plain, today: date) -> Iterator[Text]:
    name, until = waiver["rule"], waiver["until"]
    if rule is None:
        yield Text(f"豁免 {name} 不对应任何规则", f"waiver {name} names no rule")
    elif rule.waived_by is None:
        yield Text(f"规则 {name} 不可豁免", f"rule {name} cannot be waived")
    elif date.fromisoformat(until) < today:
        yield Text(f"豁免 {name} 已于 {until} 过期", f"waiver {name} lapsed on {until}")
