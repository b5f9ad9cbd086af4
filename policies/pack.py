"""The rules as a Pulumi policy pack: the first gate, and the only importer of ``pulumi_policy``.

A rule that needs only its resource refuses that resource before it is made. A rule that compares
resources is judged when all are known: a preview therefore shows every reason at once. Waived
findings and waivers that waive nothing are shown as advice by a policy of their own, since Pulumi
gives each policy one level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
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

from hospital.rule import Facts, Resource, Rule, Scope
from policies import day
from policies.intake import from_pulumi
from policies.judgement import Finding, findings_in, void_waivers
from policies.rules import FoundRule, all_rules
from policies.wording import paragraph, title

NAME = "xinglin"


def run() -> None:
    """Serve the pack to the engine until it leaves."""
    PolicyPack(NAME, policies(today=day.today))


def policies(*, today: Callable[[], date]) -> list[Policy]:
    """One policy per rule, and ``waivers``; ``today`` is asked at every judgement."""
    rules = all_rules()
    return [*(_policy(found, today) for found in rules), _waivers(rules, today)]


def plain(value: Any) -> Any:
    """Values as the engine hands them, as plain data; what is not known yet is left out."""
    if isinstance(value, Mapping):
        return {key: plain(value[key]) for key in value if _known(value, key)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(value[index]) for index in range(len(value)) if _known(value, index)]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # the engine has no integers
    return value


def _known(container: Any, key: Any) -> bool:
    try:
        container[key]
    except UnknownValueError:
        return False
    return True


def _policy(found: FoundRule, today: Callable[[], date]) -> Policy:
    rule = found.rule
    if rule.scope is Scope.ESTATE:
        return StackValidationPolicy(
            validate=_stack_check(found, today), **_presentation(rule, found.family)
        )
    return ResourceValidationPolicy(
        validate=_resource_check(found, today), **_presentation(rule, found.family)
    )


def _presentation(rule: Rule, family: str) -> dict[str, Any]:
    return {
        "name": rule.id,
        "description": title(rule),
        "enforcement_level": EnforcementLevel(rule.level.value),
        "severity": Severity(rule.severity.value),
        "display_name": rule.title.en,
        "tags": [family],
        "remediation_steps": f"{rule.remedy.zh} / {rule.remedy.en}",
    }


def _resource_check(
    found: FoundRule, today: Callable[[], date]
) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for finding in findings_in((found,), Facts(today(), _resources((args,)))):
            _report(finding, report)

    return validate


def _stack_check(
    found: FoundRule, today: Callable[[], date]
) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for finding in findings_in((found,), Facts(today(), _resources(args.resources))):
            _report(finding, report)

    return validate


def _waivers(rules: tuple[FoundRule, ...], today: Callable[[], date]) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        facts = Facts(today(), _resources(args.resources))
        for finding in findings_in(rules, facts):
            if finding.waived:
                heading = f"{finding.rule.id}: {title(finding.rule)}"
                report(f"{heading}\n{paragraph(finding)}", finding.resource.urn)
        for resource in facts.resources:
            for _, reason in void_waivers(rules, (resource,), today=facts.today):
                report(f"{reason.zh} / {reason.en}", resource.urn)

    return StackValidationPolicy(
        name="waivers",
        description="按名豁免的问题与无效豁免 / Findings waived by name, and void waivers",
        validate=validate,
        enforcement_level=EnforcementLevel.ADVISORY,
        severity=Severity.LOW,
    )


def _report(finding: Finding, report: ReportViolation) -> None:
    if not finding.waived:
        report(paragraph(finding), finding.resource.urn)


def _resources(items: Iterable[Any]) -> tuple[Resource, ...]:
    return tuple(
        resource
        for item in items
        for resource in from_pulumi(item.resource_type, item.name, plain(item.props), urn=item.urn)
    )
