"""The audit's report: what was judged, by which rules, with what result. JSON, versioned.

An auditor must be able to tell "complies" from "was not looked at": every rule lists the resources
that it judged, a rule that judged none says why, and what could not be seen is named. The shape is
described in ``docs/policies.md``; ``SCHEMA_VERSION`` rises when a reader would have to change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hospital.rule import Level, Resource, Text
from policies.judgement import Finding, Judgement, Tally, unknown_waivers
from policies.rules import all_rules

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Source:
    """Where the judged resources come from."""

    kind: str  # "declaration" | "live" | "state"
    place: str  # file, or the hub endpoint that answered
    estate: str = ""  # its name; "" where the source does not say
    unseen: tuple[str, ...] = ()  # what did not answer, so that nothing can be said of it


def document(
    judgement: Judgement, resources: Sequence[Resource], *, source: Source
) -> dict[str, Any]:
    """The whole report as JSON-compatible data."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "PolicyReport",
        "date": judgement.today.isoformat(),
        "source": {
            "kind": source.kind,
            "place": source.place,
            "estate": source.estate,
            "unseen": list(source.unseen),
        },
        "verdict": verdict(judgement, source),
        "counts": counts(judgement, resources),
        "rules": [_rule(tally) for tally in judgement.tallies],
        "voidWaivers": [
            {"resource": resource, "reason": _text(reason)}
            for resource, reason in unknown_waivers(all_rules(), resources)
        ],
    }


def verdict(judgement: Judgement, source: Source) -> str:
    """``refused``, ``incomplete`` (nothing refused, but not all could be seen) or ``passed``."""
    if judgement.refused:
        return "refused"
    return "incomplete" if source.unseen else "passed"


def counts(judgement: Judgement, resources: Sequence[Resource]) -> dict[str, int]:
    """How much was looked at and found; every finding counts once, as what it does."""
    findings = judgement.findings
    return {
        "rules": len(judgement.tallies),
        "rulesNotApplicable": sum(1 for tally in judgement.tallies if tally.not_applicable),
        "resources": len(resources),
        "judgements": sum(len(tally.judged) for tally in judgement.tallies),
        "mandatory": sum(1 for finding in findings if finding.refuses),
        "advisory": sum(1 for finding in findings if _advises(finding)),
        "waived": sum(1 for finding in findings if finding.waived),
    }


def _advises(finding: Finding) -> bool:
    return finding.rule.level is Level.ADVISORY and not finding.waived


def _rule(tally: Tally) -> dict[str, Any]:
    rule, absent = tally.rule, tally.not_applicable
    return {
        "id": rule.id,
        "family": tally.family,
        "title": _text(rule.title),
        "clauses": [str(clause) for clause in rule.clauses],
        "level": rule.level.value,
        "severity": rule.severity.value,
        "remedy": _text(rule.remedy),
        "waivedBy": _text(rule.waived_by) if rule.waived_by else None,
        "judged": list(tally.judged),
        "judgedCount": len(tally.judged),
        "notApplicable": _text(absent) if absent else None,
        "findings": [
            {
                "resource": finding.resource.id,
                "reason": _text(finding.reason),
                "waived": finding.waived,
            }
            for finding in tally.findings
        ],
    }


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
