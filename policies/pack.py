"""The rules as a Pulumi policy pack: the first gate, and the only importer of ``pulumi_policy``.

A rule that needs only its resource refuses that resource before it is made. A rule that compares
resources is judged when all are known: a preview therefore shows every reason at once. What a rule
cannot say before a value is known is deferred: told and counted by a preview, judged by ``up`` with
the value, of the resource before it is made and of the whole at the end. Waived findings, waivers
that waive nothing and deferred judgements are shown as advice by policies of their own.

What a rule can put right itself the policy ``fixes`` does, where an estate's team asks for it: its
level is then ``remediate``, and everything else is judged of what comes out.

Pulumi gives each policy one level and one severity, and converts every resource anew for each
policy, which took most of a preview: so one policy speaks for all rules of a scope, level and
severity, every message begins with its rule, and what one policy read all others of the same call
judge too (``Shown``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from threading import local
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from hospital.rule import SURVEYED, Facts, Level, Plain, Resource, Rule, Scope, Text
from hospital.unknown import UNKNOWN
from policies import day
from policies.intake import HOSPITAL, PREFIX, from_pulumi
from policies.judgement import Deferral, Finding, facts_of, findings_in, outcomes, void_waivers
from policies.remedy import repaired
from policies.rules import FoundRule, all_rules
from policies.wording import paragraph, title

NAME = "xinglin"
WAIVERS, DEFERRED, FIXES = "waivers", "deferred", "fixes"  # policies that speak for all rules
WHAT = {
    (Scope.RESOURCE, Level.MANDATORY): Text("逐个资源，必须符合", "each resource, must comply"),
    (Scope.RESOURCE, Level.ADVISORY): Text("逐个资源，仅为提示", "each resource, advice"),
    (Scope.ESTATE, Level.MANDATORY): Text("整体比对，必须符合", "all together, must comply"),
    (Scope.ESTATE, Level.ADVISORY): Text("整体比对，仅为提示", "all together, advice"),
}


def run() -> None:
    """Serve the pack to the engine until it leaves."""
    PolicyPack(NAME, policies(today=day.today))


def policies(*, today: Callable[[], date]) -> list[Policy]:
    """A policy per scope, level and severity, ``waivers``, ``deferred`` and ``fixes``.

    ``today`` is asked at every judgement.
    """
    rules = tuple(found for found in all_rules() if not SURVEYED.issuperset(found.rule.kinds))
    shown = Shown(today)
    groups = groupby(sorted(rules, key=lambda it: name_of(it.rule)), lambda it: name_of(it.rule))
    return [
        *(_policy(tuple(group), shown) for _, group in groups),
        _waivers(rules, shown),
        _deferred(rules, shown),
        _fixes(rules, shown),
    ]


@dataclass(slots=True)
class _Call:
    """One question of the engine, as far as its policies were asked."""

    urns: tuple[str, ...]
    facts: Facts
    asked: set[str]  # names of policies


class Shown:
    """What the engine has shown: today, and what the estate says of the rules.

    The engine registers a parent before its children, and one pack serves one run, so the policy
    of the component around a hospital is here before any of its resources is judged.

    A call of the engine asks every policy once, one after the other in one thread, each with
    another copy of the same resources. So the first copy is read for all; a policy that is asked
    again, or of others, is a new call.
    """

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today
        self._policy: Plain = {}
        self._calls = local()

    def facts(self, policy: str, items: Sequence[Any]) -> Facts:
        """What checks may know of these resources, for the policy of that name."""
        urns = tuple(item.urn for item in items)
        call: _Call | None = getattr(self._calls, "last", None)
        if call is None or call.urns != urns or policy in call.asked:
            call = self._calls.last = _Call(urns, self._read(items), set())
        call.asked.add(policy)
        return call.facts

    def _read(self, known: Sequence[Any]) -> Facts:
        for item in known:
            if item.resource_type == HOSPITAL:
                self._policy = plain(item.props).get("policy", {}) or self._policy
        return facts_of(_resources(known), today=self._today(), policy=self._policy)

    def repaired(self, args: Any, rules: Iterable[FoundRule]) -> Mapping[str, Any]:
        """The inputs that fixes change in the resource, as they are then."""
        for whole in _resources((args,))[:1]:  # its parts are derived, not given
            better, kept = repaired(whole, rules, today=self._today(), policy=self._policy)
            if kept:
                before = whole.inputs
                return {key: now for key, now in better.inputs.items() if now != before.get(key)}
        return {}

    def void(self, rules: Iterable[FoundRule], facts: Facts) -> Iterable[tuple[str, Text]]:
        """Waivers that waive nothing, of resources and of the estate, with the urn to show."""
        urns = {each.id: each.urn for each in facts.resources}
        found = void_waivers(rules, facts.resources, today=facts.today, policy=self._policy)
        return ((urns.get(resource, ""), reason) for resource, reason in found)


def name_of(rule: Rule) -> str:
    """The policy that speaks for a rule: ``resource-mandatory-critical``."""
    return f"{rule.scope}-{rule.level}-{rule.severity}"


def plain(value: Any) -> Any:
    """Values as the engine hands them, as plain data; ``UNKNOWN`` for what is not known yet."""
    if isinstance(value, Mapping):
        return {key: plain(_read(value, key)) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(_read(value, index)) for index in range(len(value))]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # the engine has no integers
    return value


def _read(container: Any, key: Any) -> Any:
    try:
        return container[key]
    except UnknownValueError:
        return UNKNOWN


def _policy(group: tuple[FoundRule, ...], shown: Shown) -> Policy:
    rule = group[0].rule
    what = WHAT[rule.scope, rule.level]
    presentation: dict[str, Any] = {
        "name": name_of(rule),
        "description": f"{what.zh} / {what.en}",
        "enforcement_level": EnforcementLevel(rule.level.value),
        "severity": Severity(rule.severity.value),
        "tags": sorted({found.family for found in group}),
    }
    if rule.scope is Scope.ESTATE:
        return StackValidationPolicy(validate=_stack_check(group, shown), **presentation)
    return ResourceValidationPolicy(validate=_resource_check(group, shown), **presentation)


def _resource_check(
    group: tuple[FoundRule, ...], shown: Shown
) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    policy = name_of(group[0].rule)

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for finding in findings_in(group, shown.facts(policy, (args,))):
            _report(finding, report)

    return validate


def _stack_check(
    group: tuple[FoundRule, ...], shown: Shown
) -> Callable[[StackValidationArgs, ReportViolation], None]:
    policy = name_of(group[0].rule)

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for finding in findings_in(group, shown.facts(policy, args.resources)):
            _report(finding, report)

    return validate


def _waivers(rules: tuple[FoundRule, ...], shown: Shown) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        facts = shown.facts(WAIVERS, args.resources)
        for finding in findings_in([it for it in rules if it.rule.waived_by], facts):
            if finding.waived:
                report(_said(finding), finding.resource.urn)
        for urn, reason in shown.void(rules, facts):
            report(f"{reason.zh} / {reason.en}", urn)

    return StackValidationPolicy(
        name=WAIVERS,
        description="按名豁免的问题与无效豁免 / Findings waived by name, and void waivers",
        validate=validate,
        enforcement_level=EnforcementLevel.ADVISORY,
        severity=Severity.LOW,
    )


def _deferred(rules: tuple[FoundRule, ...], shown: Shown) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        facts = shown.facts(DEFERRED, args.resources)
        if all(isinstance(each.inputs, dict) for each in facts.resources):
            return  # all is known, as at the end of `pulumi up`
        waiting = [each for each in outcomes(rules, facts) if isinstance(each, Deferral)]
        for urn, group in _by_urn(waiting):
            report(_waits(group), urn)

    return StackValidationPolicy(
        name=DEFERRED,
        description="待值可知后判定 / Judged by `pulumi up`, when the values are known",
        validate=validate,
        enforcement_level=EnforcementLevel.ADVISORY,
        severity=Severity.LOW,
    )


def _fixes(rules: tuple[FoundRule, ...], shown: Shown) -> Policy:
    def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
        changed = shown.repaired(args, rules)
        return {**args.props, **changed} if changed else None

    return ResourceValidationPolicy(
        name=FIXES,
        description="按规则自动修复 / What a rule can put right, put right",
        remediate=remediate,  # type: ignore[arg-type]  # a value will do, its annotation forgets
        enforcement_level=EnforcementLevel.DISABLED,
        severity=Severity.LOW,
    )


def _by_urn(waiting: Iterable[Deferral]) -> Iterable[tuple[str, list[Deferral]]]:
    def urn(each: Deferral) -> str:
        return each.resource.urn

    return ((key, list(group)) for key, group in groupby(sorted(waiting, key=urn), urn))


def _waits(group: Sequence[Deferral]) -> str:
    """How many judgements of a resource wait, of which rules, and for what."""
    count = len({(each.rule.id, each.resource.id) for each in group})
    rules = ", ".join(sorted({each.rule.id for each in group}))
    places = ", ".join(sorted({each.where for each in group}))
    zh, en = f"{count} 项判定待 {places} 可知后作出", f"{count} judgements wait for {places}"
    return f"{zh} / {en}\n规则 / rules: {rules}"


def _report(finding: Finding, report: ReportViolation) -> None:
    if not finding.waived:
        report(_said(finding), finding.resource.urn)


def _said(finding: Finding) -> str:
    return f"{finding.rule.id}: {title(finding.rule)}\n{paragraph(finding)}"


def _resources(items: Iterable[Any]) -> tuple[Resource, ...]:
    return tuple(
        resource
        for item in items
        if item.resource_type.startswith(PREFIX)
        for resource in from_pulumi(item.resource_type, item.name, plain(item.props), urn=item.urn)
    )
