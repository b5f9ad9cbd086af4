"""The report as one HTML page that prints: for the assessor's desk and the hospital's archive.

Self-contained (no script, no font, no picture from elsewhere) and escaped throughout: a resource
may be named ``<script>``. What was not looked at stands beside what passed, so that a quiet page
is never taken for a clean one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from hospital.rule import Plain, Severity, Text
from policies.formats.reading import (
    WORDS,
    Beside,
    Document,
    Found,
    Result,
    asides,
    findings,
    findings_of,
    legible,
    passed,
    rules_of,
)

HERE = Path(__file__).parent

VERDICTS = {
    "passed": Text("通过", "passed"),
    "refused": Text("拒绝", "refused"),
    "incomplete": Text("不完整", "incomplete"),
}
SEVERITIES = {
    Severity.CRITICAL: Text("严重", "critical"),
    Severity.HIGH: Text("高", "high"),
    Severity.MEDIUM: Text("中", "medium"),
    Severity.LOW: Text("低", "low"),
}
SOURCES = {
    "declaration": Text("声明", "declaration"),
    "live": Text("现网", "live estate"),
    "state": Text("Pulumi 状态", "Pulumi state"),
    "manifests": Text("Kubernetes 清单", "Kubernetes manifests"),
}

SILENCE = (Beside.UNSEEN, Beside.SKIPPED)

_NUMBERED = re.compile(r"^(?P<document>.+) (?P<place>\d+(?:\.\d+){0,2})(?:\.\d+)*(?: [a-z])?$")


class Heat(NamedTuple):
    """One row of the heat map: a family of clauses and how often each result was given."""

    family: str
    counts: Mapping[Result, int]


def render(document: Document) -> bytes:
    """The page, UTF-8."""
    # Not above: most audits write no page, and need not wait for its library.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["warmth"] = warmth
    report = legible(document)
    rules = rules_of(report)
    page = environment.get_template("audit.html.j2").render(
        report=report,
        verdict=VERDICTS[report["verdict"]],
        kind=SOURCES.get(report["source"]["kind"], Text("来源", report["source"]["kind"])),
        words=WORDS,
        results=list(Result),
        heat=list(heat_map(rules)),
        severities=list(by_severity(rules)),
        waived=[found for found in findings(report) if found.result is Result.WAIVED],
        clean=[rule for rule in rules if rule["judged"] and not rule["findings"]],
        void=[aside for aside in asides(report) if aside.kind is Beside.VOID_WAIVER],
        told=[aside for aside in asides(report) if aside.kind in SILENCE],
        profiled=[aside for aside in asides(report) if aside.kind is Beside.PROFILE],
        absent=[rule for rule in rules if rule["notApplicable"] is not None],
    )
    return page.encode()


def clause_family(clause: str) -> str:
    """The document and the first three numbers: ``GB/T 22239-2019 8.1.4`` of ``… 8.1.4.2 a``.

    A clause without numbers is a family of its own.
    """
    found = _NUMBERED.match(clause)
    return f"{found['document']} {found['place']}" if found else clause


def heat_map(rules: list[Plain]) -> Iterator[Heat]:
    """A row per family of clauses, sorted. A rule counts once in each family that it names."""
    counts: dict[str, Counter[Result]] = {}
    for rule in rules:
        for family in {clause_family(clause) for clause in rule["clauses"]}:
            counts.setdefault(family, Counter()).update(_tally(rule))
    for family in sorted(counts, key=_by_number):
        yield Heat(family, {result: counts[family][result] for result in Result})


def by_severity(rules: list[Plain]) -> Iterator[tuple[str, Text, list[tuple[Plain, list[Found]]]]]:
    """The rules with findings under each severity that has any, the worst first."""
    for severity, word in SEVERITIES.items():
        found = [
            (rule, list(findings_of(rule)))
            for rule in rules
            if rule["severity"] == severity and rule["findings"]
        ]
        if found:
            yield severity.value, word, found


def warmth(count: int) -> int:
    """How strongly a cell is coloured: 0 for none, then 1, 2 from ten, 3 from a hundred."""
    return min(3, len(str(count))) if count else 0


def _tally(rule: Plain) -> Counter[Result]:
    """How often one rule gave each result: per finding, per resource that passed, or not at all."""
    tally = Counter(found.result for found in findings_of(rule))
    tally[Result.PASSED] = passed(rule)
    tally[Result.NOT_APPLICABLE] = int(rule["notApplicable"] is not None)
    return tally


def _by_number(family: str) -> list[tuple[int, str]]:
    """8.1.4 before 8.1.10: numbers compare as numbers."""
    return [
        (int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", family)
    ]
