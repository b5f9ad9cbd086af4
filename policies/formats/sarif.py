"""The report as SARIF 2.1.0, for code scanning and editors: one run, every rule, every finding.

Fingerprints hold what a finding is about and nothing that moves (no line, no date), so that the
same finding is recognised in the next run. Waived findings stay, as suppressed. What kept the audit
from looking (a silent site, a rule that failed) makes the invocation unsuccessful.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from hospital.rule import Level, Plain
from policies.formats.reading import (
    Aside,
    Beside,
    Change,
    Document,
    Found,
    asides,
    both,
    findings,
    legible,
    rules_of,
    shown,
    waiver_words,
)

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FAILED = "the rule failed: "  # how `policies.judgement` begins the reason of a rule that raised
LEVELS = {Level.MANDATORY: "error", Level.ADVISORY: "warning"}
NOTIFIED = {
    Beside.PROFILE: "note",
    Beside.TREND: "note",
    Beside.UNSEEN: "error",
    Beside.DEFERRED: "error",
    Beside.SKIPPED: "note",
    Beside.VOID_WAIVER: "warning",
    Beside.VOID_RECORD: "warning",
    Beside.NOT_SHOWN: "note",
}
BASELINES = {
    Change.NEW: "new",
    Change.FIRST: "new",
    Change.CHANGED: "updated",
    Change.OPEN: "unchanged",
}
ABSENT = {  # what is gone is a result too, of a kind that fails nothing (3.27.9)
    Change.MENDED: "pass",
    Change.UNJUDGED: "notApplicable",
}
CONFIGURED = {
    Beside.PROFILE,
    Beside.TREND,
    Beside.VOID_WAIVER,
    Beside.VOID_RECORD,
}  # of what somebody asked for
TOLD = ("date", "source", "profile", "verdict", "counts")

_PLACE = re.compile(r"(?P<file>.+?)(?::(?P<line>[1-9]\d*))?", re.DOTALL)


def render(document: Document) -> bytes:
    """The SARIF log, UTF-8."""
    report = legible(document)
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return (json.dumps(log, ensure_ascii=False, indent=2) + "\n").encode()


def _run(report: Document) -> dict[str, Any]:
    rules = rules_of(report)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    results = [_result(found, index[found.rule["id"]]) for found in findings(report)]
    results += [_absent(gone) for gone in (report.get("trend") or {"gone": ()})["gone"]]
    return {
        "tool": {
            "driver": {
                "name": "Xinglin",
                "language": "zh-CN",
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "automationDetails": {"id": f"{_category(report)}/{report['date']}"},
        "invocations": [_invocation(report)],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {key: report[key] for key in TOLD},
    }


def _category(report: Document) -> str:
    """Which runs may be compared: what another profile does not ask is not mended."""
    source, profile = report["source"], report["profile"]
    category = f"xinglin/audit/{source['estate'] or source['kind']}"
    return category if profile is None else f"{category}/{profile['id']}"


def _rule(rule: Plain) -> dict[str, Any]:
    clauses = "; ".join(rule["clauses"])
    remedy = rule["remedy"]
    absent = rule["notApplicable"]
    return {
        "id": rule["id"],
        "shortDescription": _message(both(rule["title"])),
        "fullDescription": _message(f"{both(rule['title'])} [{clauses}]"),
        "help": _message(f"整改：{remedy['zh']}\nRemedy: {remedy['en']}"),
        "defaultConfiguration": {"level": LEVELS[Level(rule["level"])]},
        "properties": {
            "tags": list(dict.fromkeys([rule["family"], *rule["clauses"]])),
            "severity": rule["severity"],
            "judged": rule["judgedCount"],
            **({"notApplicable": both(absent)} if absent is not None else {}),
            **({"shown": shown(rule)} if shown(rule) else {}),
        },
    }


def _result(found: Found, index: int) -> dict[str, Any]:
    rule, finding, _ = found
    return {
        "ruleId": rule["id"],
        "ruleIndex": index,
        "level": LEVELS[Level(rule["level"])],
        "message": _message(f"{finding['resource']}: {both(finding['reason'])}"),
        "locations": [_location(finding)],
        "partialFingerprints": {"xinglinFinding/v1": _fingerprint(rule["id"], finding)},
        "suppressions": _suppressions(finding),  # empty says: looked at, and not suppressed
        **_history(finding),
    }


def _history(finding: Plain) -> dict[str, Any]:
    """What became of it since the earlier report, and the day on which it was first seen."""
    told: dict[str, Any] = {}
    if finding.get("change"):
        told["baselineState"] = BASELINES[Change(finding["change"])]
        told["properties"] = {"change": finding["change"]}
    if finding.get("since"):
        told["provenance"] = {"firstDetectionTimeUtc": _began(finding["since"])}
    return told


def _absent(gone: Plain) -> dict[str, Any]:
    return {
        "ruleId": gone["rule"],
        "kind": ABSENT[Change(gone["change"])],
        "level": "none",
        "baselineState": "absent",
        "message": _message(f"{gone['resource']}: {both(gone['reason'])}"),
        "locations": [_location(gone)],
        "partialFingerprints": {"xinglinFinding/v1": _fingerprint(gone["rule"], gone)},
        "provenance": {"firstDetectionTimeUtc": _began(gone["since"])},
        "properties": {"change": gone["change"]},
    }


def _began(day: str) -> str:
    """Midnight in China at the start of ``day``, in UTC as SARIF wants it."""
    return f"{date.fromisoformat(day) - timedelta(days=1)}T16:00:00Z"


def _location(finding: Plain) -> dict[str, Any]:
    resource = finding["resource"]
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": resource, "kind": "resource"}]
    }
    place = _PLACE.fullmatch(finding["place"])
    if place is not None:
        physical: dict[str, Any] = {"artifactLocation": {"uri": quote(place["file"])}}
        if place["line"] is not None:
            physical["region"] = {"startLine": int(place["line"])}
        location["physicalLocation"] = physical
    return location


def _fingerprint(rule: str, finding: Plain) -> str:
    parts = (rule, finding["resource"], finding["reason"]["en"])
    return sha256(json.dumps(parts).encode()).hexdigest()


def _suppressions(finding: Plain) -> list[dict[str, str]]:
    waiver = finding["waiver"]
    if waiver is None:
        return []
    return [{"kind": "external", "status": "accepted", "justification": waiver_words(waiver)}]


def _invocation(report: Document) -> dict[str, Any]:
    told = [(aside.kind, _told(aside)) for aside in asides(report) if aside.kind in NOTIFIED]
    execution = [said for kind, said in told if kind not in CONFIGURED]
    execution += _failures(report)
    return {
        "executionSuccessful": all(said["level"] != "error" for said in execution),
        "toolExecutionNotifications": execution,
        "toolConfigurationNotifications": [said for kind, said in told if kind in CONFIGURED],
    }


def _told(aside: Aside) -> dict[str, Any]:
    return {
        "level": NOTIFIED[aside.kind],
        "message": _message(f"{aside.subject}: {aside.said}"),
        "descriptor": {"id": aside.kind},
    }


def _failures(report: Document) -> list[dict[str, Any]]:
    """Rules that raised: they are findings, and errors of the tool besides."""
    return [
        {
            "level": "error",
            "message": _message(f"{finding['resource']}: {both(finding['reason'])}"),
            "descriptor": {"id": "rule-failed"},
            "associatedRule": {"id": rule["id"]},
        }
        for rule, finding, _ in findings(report)
        if finding["reason"]["en"].startswith(FAILED)
    ]


def _message(text: str) -> dict[str, str]:
    """A message string that says ``text``: a brace would begin a placeholder, ``](`` end a link.

    SARIF 3.11.5 doubles braces; a link (3.11.6) cannot be escaped, so it is broken by a space.
    """
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "] (")}
