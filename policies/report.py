"""The audit's report: what was judged, by which rules, with what result. JSON, versioned.

An auditor must be able to tell "complies" from "was not looked at": every rule lists the resources
that it judged, a rule that judged none says why, a clause that only a record can show says whether
one did, and what could not be seen is named. The shape is described in ``docs/policies.md``;
``SCHEMA_VERSION`` rises when a reader would have to change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hospital.rule import Level, Plain, Resource, Rule
from policies.coverage import Covered
from policies.judgement import Finding, Judgement, Tally, void_waivers
from policies.records import Attested, Standing, numbers
from policies.rules import all_rules

SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True)
class Source:
    """Where the judged resources come from."""

    kind: str  # "declaration" | "live" | "state" | "manifests"
    place: str  # file, or the hub endpoint that answered
    estate: str = ""  # its name; "" where the source does not say
    unseen: tuple[str, ...] = ()  # what nobody could look at, so that nothing can be said of it
    skipped: tuple[str, ...] = ()  # documents that are no Kubernetes object: nothing to judge


def document(
    judgement: Judgement,
    resources: Sequence[Resource],
    *,
    source: Source,
    records: Sequence[Attested] = (),
    profile: Mapping[str, Any] | None = None,
    covered: Sequence[Covered] = (),
    policy: Plain | None = None,
) -> dict[str, Any]:
    """The whole report as JSON-compatible data.

    ``profile`` is the summary of ``policies.profiles``, None if all rules were asked; ``covered``
    are the clauses to speak of, with what the rules that were asked do for them; ``policy`` is
    what the estate says of the rules.
    """
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "PolicyReport",
        "date": judgement.today.isoformat(),
        "source": {
            "kind": source.kind,
            "place": source.place,
            "estate": source.estate,
            "unseen": list(source.unseen),
            "skipped": list(source.skipped),
        },
        "profile": profile,
        "verdict": verdict(judgement, source, records=records),
        "counts": counts(judgement, resources, records=records),
        "rules": [_rule(tally) for tally in judgement.tallies],
        "deferred": [
            {
                "rule": waiting.rule.id,
                "resource": waiting.resource.id,
                "reason": waiting.reason.plain(),
            }
            for waiting in judgement.deferred
        ],
        "parameters": [
            {
                "rule": each.rule,
                "name": each.name,
                "value": _listed(
                    judgement.parameters.get(each.rule, {}).get(each.name, each.default)
                ),
                "default": _listed(each.default),
            }
            for tally in judgement.tallies
            for each in tally.rule.parameters
        ],
        "records": [_record(item) for item in records],
        "coverage": [_clause(item) for item in covered],
        "voidWaivers": [
            {"resource": resource, "reason": reason.plain()}
            for resource, reason in void_waivers(
                all_rules(), resources, today=judgement.today, policy=policy
            )
        ],
    }


def verdict(judgement: Judgement, source: Source, *, records: Sequence[Attested] = ()) -> str:
    """``refused``, ``incomplete`` (nothing refused, but not all could be seen) or ``passed``."""
    if judgement.refused or any(item.refuses for item in records):
        return "refused"
    return "incomplete" if source.unseen or judgement.deferred else "passed"


def counts(
    judgement: Judgement, resources: Sequence[Resource], *, records: Sequence[Attested] = ()
) -> dict[str, int]:
    """How much was looked at and found; every finding counts once, as what it does."""
    findings = judgement.findings
    refused = sum(1 for found in records if found.refuses)
    missing = sum(1 for found in records if found.standing is Standing.MISSING)
    shown, not_shown = numbers(records)
    return {
        "rules": len(judgement.tallies),
        "rulesNotApplicable": sum(1 for tally in judgement.tallies if tally.not_applicable),
        "resources": len(resources),
        "judgements": sum(len(tally.judged) for tally in judgement.tallies),
        "mandatory": sum(1 for finding in findings if finding.refuses) + refused,
        "advisory": sum(1 for finding in findings if _advises(finding)) + missing,
        "waived": sum(1 for finding in findings if finding.waived),
        "deferred": len(judgement.deferred),
        "clausesAttested": shown,
        "clausesNotAttested": not_shown,
    }


def _advises(finding: Finding) -> bool:
    return finding.rule.level is Level.ADVISORY and not finding.waived


def plain_rule(rule: Rule, *, family: str) -> dict[str, Any]:
    """What a rule says of itself, as JSON-compatible data."""
    return {
        "id": rule.id,
        "family": family,
        "title": rule.title.plain(),
        "clauses": [str(clause) for clause in rule.clauses],
        "level": rule.level.value,
        "severity": rule.severity.value,
        "remedy": rule.remedy.plain(),
        "waivedBy": rule.waived_by.plain() if rule.waived_by else None,
    }


def _rule(tally: Tally) -> dict[str, Any]:
    absent = tally.not_applicable
    return plain_rule(tally.rule, family=tally.family) | {
        "judged": list(tally.judged),
        "judgedCount": len(tally.judged),
        "notApplicable": absent.plain() if absent else None,
        "findings": [
            {
                "resource": finding.resource.id,
                "reason": finding.reason.plain(),
                "waiver": dict(finding.waiver) if finding.waiver else None,
                "place": finding.resource.place,
            }
            for finding in tally.findings
        ],
    }


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _clause(item: Covered) -> dict[str, Any]:
    return {
        "clause": str(item.entry.clause),
        "title": item.entry.title.plain(),
        "status": item.status.value,
        "reason": item.reason.plain(),
        "rules": [rule.id for rule in item.rules],
    }


def _record(item: Attested) -> dict[str, Any]:
    record = item.attestation
    return {
        "clause": str(item.entry.clause),
        "title": item.entry.title.plain(),
        "status": item.standing.value,
        "reason": item.reason.plain(),
        "record": record.title if record else "",
        "owner": record.owner if record else "",
        "date": record.since.isoformat() if record else "",
        "until": record.until.isoformat() if record else "",
        "evidence": record.evidence if record else "",
        "place": record.place if record else "",
    }
