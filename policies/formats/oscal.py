"""The report as NIST OSCAL assessment results, for tools that keep controls and findings.

A rule is an objective; its clauses are the controls. A rule that judged nothing has an observation
and no finding, since OSCAL knows only "satisfied" and "not satisfied", and neither is true of it.
Identifiers are UUIDs of version 5 over the whole document: the same report gives the same bytes,
another report other identifiers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from hospital.rule import Plain
from policies.formats.attestations import token
from policies.formats.reading import (
    WORDS,
    Document,
    Found,
    Result,
    asides,
    both,
    findings_of,
    legible,
    rules_of,
    shown,
    waiver_words,
)

VERSION = "1.2.3"
NAMESPACE = "https://xinglin.dev/ns/oscal"
RISKS = {
    Result.REFUSED: "open",
    Result.ADVISED: "open",
    Result.WAIVED: "deviation-approved",
}
PROSE = {"title", "description", "statement", "remarks"}  # Markdown: a name could be a link

_MARKUP = re.compile(r"[\\`*<>\[\]{}&]")

Part = dict[str, Any]


def render(document: Document) -> bytes:
    """The assessment results as JSON, UTF-8."""
    results = {"assessment-results": _marked_up(_Writer(legible(document)).whole())}
    return (json.dumps(results, ensure_ascii=False, indent=2) + "\n").encode()


def control_id(clause: str) -> str:
    """A clause as an OSCAL token: letters and digits of any script, ``.``, ``-`` and ``_``."""
    word = token(clause)
    return word if word[:1].isalpha() else f"_{word}"


class _Writer:
    """Writes one report; holds what its identifiers and moments derive from."""

    def __init__(self, report: Document) -> None:
        self.report = report
        self.rules = rules_of(report)
        content = json.dumps(report, ensure_ascii=False, sort_keys=True)
        self.root = uuid5(uuid5(NAMESPACE_URL, NAMESPACE), content)
        self.moment = f"{report['date']}T00:00:00+08:00"

    def whole(self) -> Part:
        source = self.report["source"]
        title = f"杏林审计 / Xinglin audit: {source['estate'] or source['place']}"
        return {
            "uuid": str(self.root),
            "metadata": {
                "title": title,
                "last-modified": self.moment,
                "version": self.report["date"],
                "oscal-version": VERSION,
            },
            "import-ap": {"href": "#"},  # there is no assessment plan: the rules are the plan
            "results": [self._result(title)],
        }

    def _result(self, title: str) -> Part:
        clauses = dict.fromkeys(
            control_id(clause) for rule in self.rules for clause in rule["clauses"]
        )
        items = dict.fromkeys(item for rule in self.rules for item in rule["judged"])
        controls = [{"control-id": clause} for clause in clauses]
        lists = {
            "observations": list(self._observations()),
            "risks": [risk for rule in self.rules for risk in self._risks(rule)],
            "findings": [self._finding(rule) for rule in self.rules if rule["judged"]],
        }
        result: Part = {
            "uuid": self._id("result"),
            "title": title,
            "description": "规则判定的结果，不是测评结论 / what rules judged, no assessor's word",
            "start": self.moment,
            "end": self.moment,
            "props": [_prop("verdict", self.report["verdict"])],
            "reviewed-controls": {"control-selections": [{"include-controls": controls}]},
        }
        if items:
            inventory = [{"uuid": self._id("item", item), "description": item} for item in items]
            result["local-definitions"] = {"inventory-items": inventory}
        return result | {name: found for name, found in lists.items() if found}

    def _observations(self) -> Iterator[Part]:
        for rule in self.rules:
            for index, found in enumerate(findings_of(rule)):
                yield self._observation(rule, index, found)
            if rule["notApplicable"] is not None:
                said = f"{rule['id']}: {both(rule['notApplicable'])}"
                yield self._remark(self._id("absent", rule["id"]), Result.NOT_APPLICABLE, said)
        for index, (kind, subject, said) in enumerate(asides(self.report)):
            yield self._remark(self._id("aside", str(index)), kind, f"{subject}: {said}")

    def _observation(self, rule: Plain, index: int, found: Found) -> Part:
        finding = found.finding
        subject: Part = {
            "subject-uuid": self._id("item", finding["resource"]),
            "type": "inventory-item",
            "title": finding["resource"],
        }
        observation = self._remark(
            self._id("observation", rule["id"], str(index)), found.result, both(finding["reason"])
        )
        remarks = [f"位置 / place: {finding['place']}"] if finding["place"] else []
        if finding["waiver"] is not None:
            remarks.append(waiver_words(finding["waiver"]))
        extra: Part = {"remarks": "\n".join(remarks)} if remarks else {}
        if finding.get("change"):
            moved = [_prop("change", finding["change"]), _prop("first-seen", finding["since"])]
            extra["props"] = [*observation["props"], *moved]
        return observation | {"title": both(rule["title"]), "subjects": [subject]} | extra

    def _remark(self, identity: str, result: str, description: str) -> Part:
        return {
            "uuid": identity,
            "description": description,
            "props": [_prop("result", result)],
            "methods": ["TEST"],
            "collected": self.moment,
        }

    def _risks(self, rule: Plain) -> Iterator[Part]:
        for index, found in enumerate(findings_of(rule)):
            yield {
                "uuid": self._id("risk", rule["id"], str(index)),
                "title": both(rule["title"]),
                "description": f"{found.finding['resource']}: {both(found.finding['reason'])}",
                "statement": f"整改 / remedy: {both(rule['remedy'])}",
                "status": RISKS[found.result],
                "props": [_prop("severity", rule["severity"])],
                "related-observations": [
                    {"observation-uuid": self._id("observation", rule["id"], str(index))}
                ],
            }

    def _finding(self, rule: Plain) -> Part:
        numbers = [str(index) for index in range(len(rule["findings"]))]
        judged = f"判定 / judged: {rule['judgedCount']}"
        finding: Part = {
            "uuid": self._id("finding", rule["id"]),
            "title": both(rule["title"]),
            "description": "; ".join(filter(None, (*rule["clauses"], judged, shown(rule)))),
            "props": [_prop("control-id", control_id(clause)) for clause in rule["clauses"]],
            "target": {"type": "objective-id", "target-id": rule["id"], "status": _status(rule)},
        }
        if numbers:
            finding["related-observations"] = [
                {"observation-uuid": self._id("observation", rule["id"], number)}
                for number in numbers
            ]
            finding["related-risks"] = [
                {"risk-uuid": self._id("risk", rule["id"], number)} for number in numbers
            ]
        return finding

    def _id(self, *parts: str) -> str:
        return str(uuid5(self.root, json.dumps(parts)))


def _status(rule: Plain) -> Part:
    """Satisfied only with nothing found; advice and waivers say why they refuse nothing."""
    results = {found.result for found in findings_of(rule)}
    if not results:
        return {"state": "satisfied", "reason": "pass"}
    words = "；".join(f"{WORDS[one].zh} / {WORDS[one].en}" for one in Result if one in results)
    reason = "fail" if Result.REFUSED in results else "other"
    return {"state": "not-satisfied", "reason": reason, "remarks": words}


def _marked_up(part: Any, key: str = "") -> Any:
    """``part`` with its prose as Markdown that says what was written, titles on one line."""
    if isinstance(part, dict):
        return {name: _marked_up(item, name) for name, item in part.items()}
    if isinstance(part, list):
        return [_marked_up(item) for item in part]
    if key not in PROSE:
        return part
    return _MARKUP.sub(r"\\\g<0>", " ".join(part.split()) if key == "title" else part)


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": value}
