"""Judge resources by rules: who was judged, what was found, what was waived.

Pure. Nothing may get lost on the way: a waived finding is kept and called waived, a resource that
lacks what a rule must read is a finding (what cannot be judged is refused), a rule that must read
what is not known yet is deferred (neither passed nor refused), and a rule that judged nothing says
why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from hospital.rule import Facts, Kind, Level, Plain, Resource, Rule, Settings, Text
from hospital.unknown import Deferred
from policies.rules import FoundRule

COMPLIES = (None,)  # what `_judged` says of it
UNCLEAR = ""  # the kind of an object of which the kind is not known yet: every rule is asked


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
class Deferral:
    """One rule that cannot say yet whether a resource complies."""

    rule: Rule
    resource: Resource
    where: str  # the value that is not known yet

    @property
    def reason(self) -> Text:
        """Why it waits."""
        return Text(f"{self.where} 尚未可知", f"{self.where} is not known yet")


@dataclass(frozen=True, slots=True)
class Tally:
    """What one rule did."""

    family: str
    rule: Rule
    judged: tuple[str, ...]  # resource ids
    findings: tuple[Finding, ...]
    deferred: tuple[Deferral, ...] = ()  # not judged to the end, though something may be found

    @property
    def not_applicable(self) -> Text | None:
        """Why the rule judged nothing; None if it judged something."""
        if self.judged or self.deferred:
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
    parameters: Settings = field(default_factory=dict)  # what the estate set

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, those waived and those that only advise included."""
        return tuple(finding for tally in self.tallies for finding in tally.findings)

    @property
    def deferred(self) -> tuple[Deferral, ...]:
        """All judgements that wait for a value."""
        return tuple(deferral for tally in self.tallies for deferral in tally.deferred)

    @property
    def refused(self) -> bool:
        """Whether a gate stops here."""
        return any(finding.refuses for finding in self.findings)


def judge(
    rules: Iterable[FoundRule],
    resources: Iterable[Resource],
    *,
    today: date,
    policy: Plain | None = None,
) -> Judgement:
    """Judge every resource by every rule that applies to it, knowing all of them.

    ``policy`` is what the estate says of the rules: fields of ``hospital.estate.Policy``.
    """
    facts = facts_of(tuple(resources), today=today, policy=policy)
    return Judgement(today, tuple(_tally(found, facts) for found in rules), facts.parameters)


def facts_of(resources: tuple[Resource, ...], *, today: date, policy: Plain | None = None) -> Facts:
    """What checks may know, under the estate's policy."""
    said = policy or {}
    return Facts(today, resources, said.get("parameters", {}), tuple(said.get("waivers", ())))


def outcomes(
    rules: Iterable[FoundRule], facts: Facts, *, of: Iterable[Resource] | None = None
) -> Iterator[Finding | Deferral]:
    """What the rules find, and what they cannot say yet, rule by rule.

    ``of`` is what to judge, if that is not all that is known.
    """
    judged = facts.resources if of is None else tuple(of)
    for found in rules:
        for resource in judged:
            for each in _judged(found, resource, facts):
                if each is not None:
                    yield each


def findings_in(rules: Iterable[FoundRule], facts: Facts) -> Iterator[Finding]:
    """What the rules find in all the resources that are known, rule by rule."""
    return (each for each in outcomes(rules, facts) if isinstance(each, Finding))


def applies(rule: Rule, resource: Resource) -> bool:
    """Whether the rule judges this resource at all; Deferred if that is not known yet."""
    if resource.kind not in rule.kinds:
        return False
    if rule.needs and any(need not in resource.inputs for need in rule.needs):
        return False
    return resource.kind is not Kind.OBJECT or resource.inputs["object"]["kind"] in rule.objects


def void_waivers(
    rules: Iterable[FoundRule],
    resources: Iterable[Resource],
    *,
    today: date,
    policy: Plain | None = None,
) -> tuple[tuple[str, Text], ...]:
    """Waivers that waive nothing: (resource id, why), for no such rule, nobody's, or lapsed."""
    by_id = {found.rule.id: found.rule for found in rules}
    of_estate = tuple(
        (waiver["resource"], reason)
        for waiver in (policy or {}).get("waivers", ())
        for reason in _void(by_id.get(waiver["rule"]), waiver, today)
    )
    return of_estate + tuple(
        (resource.id, reason)
        for resource in resources
        if resource.kind is Kind.WORKLOAD
        for waiver in _signed(resource)
        for reason in _void(by_id.get(waiver["rule"]), waiver, today)
    )


def asked(rule: Rule, facts: Facts) -> Iterator[Resource]:
    """The resources of the rule's kinds, in their order: all others need not be asked."""
    of_kind = facts.view(_of_kinds)
    kinds = {*rule.kinds, *rule.objects, UNCLEAR}
    found = [each for kind in kinds for each in of_kind.get(kind, ())]
    return (resource for _, resource in sorted(found, key=lambda each: each[0]))


def _of_kinds(resources: tuple[Resource, ...]) -> dict[str, list[tuple[int, Resource]]]:
    """Resources with their number; a Kubernetes object stands under its own kind, if known."""
    found: dict[str, list[tuple[int, Resource]]] = {}
    for number, item in enumerate(resources):
        found.setdefault(_kind_of(item), []).append((number, item))
    return found


def _kind_of(resource: Resource) -> str:
    if resource.kind is not Kind.OBJECT:
        return resource.kind
    try:
        return str(resource.inputs["object"]["kind"])
    except Deferred:
        return UNCLEAR


def _tally(found: FoundRule, facts: Facts) -> Tally:
    judged: list[str] = []
    findings: list[Finding] = []
    deferred: list[Deferral] = []
    for resource in asked(found.rule, facts):
        said = tuple(_judged(found, resource, facts))
        if said == COMPLIES:  # as most do: spare them the rest
            judged.append(resource.id)
            continue
        findings += (each for each in said if isinstance(each, Finding))
        waiting = [each for each in said if isinstance(each, Deferral)]
        deferred += waiting
        if said and not waiting:
            judged.append(resource.id)
    return Tally(found.family, found.rule, tuple(judged), tuple(findings), tuple(deferred))


def _judged(
    found: FoundRule, resource: Resource, facts: Facts
) -> Iterator[Finding | Deferral | None]:
    """What one rule says of one resource: nothing if it does not apply, None if it complies."""
    rule = found.rule
    try:
        if not applies(rule, resource):
            return
        yield None
        waiver = facts.waiver(rule.id, resource) if rule.waived_by is not None else None
        for reason in _reasons(found, resource, facts):
            yield Finding(rule, resource, reason, waiver)
    except Deferred as waiting:
        yield Deferral(rule, resource, waiting.where)


def _reasons(found: FoundRule, resource: Resource, facts: Facts) -> Iterator[Text]:
    try:
        yield from found.check(resource, facts)
    except Deferred:
        raise
    except KeyError as missing:
        name = missing.args[0]
        yield Text(f"缺少字段 {name}，无法判定", f"lacks {name}: it cannot be judged")
    except Exception as error:
        # A rule that fails must never look like a rule that passed.
        yield Text(f"规则出错，无法判定：{error!r}", f"the rule failed: {error!r}")


def _signed(resource: Resource) -> tuple[Plain, ...]:
    try:
        return resource.waivers
    except Deferred:
        return ()  # told when they are known


def _void(rule: Rule | None, waiver: Plain, today: date) -> Iterator[Text]:
    name, until = waiver["rule"], waiver["until"]
    if rule is None:
        yield Text(f"豁免 {name} 不对应任何规则", f"waiver {name} names no rule")
    elif rule.waived_by is None:
        yield Text(f"规则 {name} 不可豁免", f"rule {name} cannot be waived")
    elif date.fromisoformat(until) < today:
        yield Text(f"豁免 {name} 已于 {until} 过期", f"waiver {name} lapsed on {until}")
