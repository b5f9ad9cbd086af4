"""The report as JUnit XML, for build servers: a suite per family, a test case per rule.

Refusing findings are failures. What only advises or is waived is told in the case's output and
fails nothing, as at every gate. What could not be seen is an error: a build must never be green
because nobody looked.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hospital.rule import Plain
from policies.formats.reading import (
    WORDS,
    Aside,
    Beside,
    Document,
    Found,
    Result,
    asides,
    both,
    findings_of,
    legible,
    rules_of,
    shown,
    since_words,
    waiver_words,
)

COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}
OUTCOMES = {
    Beside.UNSEEN: "error",
    Beside.DEFERRED: "error",
    Beside.SKIPPED: "skipped",
    Beside.NOT_SHOWN: "skipped",
}


def render(document: Document) -> bytes:
    """Well-formed XML in UTF-8, whatever the names hold."""
    report = legible(document)
    root = Element("testsuites", name=f"xinglin audit {report['source']['estate']}".rstrip())
    for family, cases in groupby(sorted(rules_of(report), key=_family), key=_family):
        _suite(root, family, map(_case, cases))
    for kind, told in groupby(asides(report), key=lambda aside: aside.kind):
        _suite(root, kind, (_beside(aside) for aside in told))
    for suite in root:
        suite.set("timestamp", f"{report['date']}T00:00:00")
        _count(suite)
    _count(root)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _family(rule: Plain) -> str:
    return str(rule["family"])


def _suite(root: Element, name: str, cases: Iterable[Element]) -> None:
    SubElement(root, "testsuite", name=name).extend(cases)


def _case(rule: Plain) -> Element:
    case = Element("testcase", classname=f"xinglin.{rule['family']}", name=rule["id"])
    told = [shown(rule)] if shown(rule) else []
    for found in findings_of(rule):
        if found.result is Result.REFUSED:
            failure = SubElement(case, "failure", type=rule["severity"], message=_said(found))
            failure.text = _detail(found)
        else:
            told.append(f"{_said(found)}\n{_detail(found)}")
    if rule["notApplicable"] is not None:
        SubElement(case, "skipped", message=both(rule["notApplicable"]))
    if told:
        SubElement(case, "system-out").text = "\n\n".join(told)
    return case


def _beside(aside: Aside) -> Element:
    case = Element("testcase", classname=f"xinglin.{aside.kind}", name=aside.subject)
    outcome = OUTCOMES.get(aside.kind)
    if outcome is None:
        SubElement(case, "system-out").text = aside.said
    else:
        SubElement(case, outcome, message=aside.said)
    return case


def _said(found: Found) -> str:
    word = WORDS[found.result]
    return f"{word.zh} / {word.en}: {found.finding['resource']}: {both(found.finding['reason'])}"


def _detail(found: Found) -> str:
    rule, finding = found.rule, found.finding
    lines = [
        f"{both(rule['title'])} [{'; '.join(rule['clauses'])}]",
        f"整改 / Remedy: {both(rule['remedy'])}",
    ]
    if finding["place"]:
        lines.append(f"位置 / Place: {finding['place']}")
    if since_words(finding):
        lines.append(since_words(finding))
    if finding["waiver"] is not None:
        lines.append(waiver_words(finding["waiver"]))
    return "\n".join(lines)


def _count(element: Element) -> None:
    """The counts that readers of JUnit show: of test cases, not of findings."""
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for attribute, tag in COUNTED.items():
        element.set(attribute, str(sum(1 for case in cases if case.find(tag) is not None)))
