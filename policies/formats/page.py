"""The report as one HTML page that prints: for the assessor's desk and the hospital's archive.

Self-contained: no font, no picture, nothing from elsewhere, and a policy in the page that lets the
browser fetch nothing and run no script but ours, by its hash. Escaped throughout: a resource may be
named ``<script>``. All is there without the script, which only narrows what is shown. What was not
looked at stands beside what passed, so that a quiet page is never taken for a clean one.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from hospital.rule import Plain, Severity, Text
from policies.formats.clauses import COVERAGE, STANDINGS, groups, heat_map, matrix
from policies.formats.reading import (
    GONE,
    WORDS,
    Beside,
    Change,
    Document,
    Found,
    Result,
    asides,
    findings,
    findings_of,
    legible,
    rules_of,
)

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
    "base-uri 'none'; form-action 'none'"
)

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
    "survey": Text("实地勘查", "survey"),
    "manifests": Text("Kubernetes 清单", "Kubernetes manifests"),
}
FOUND = (Result.REFUSED, Result.ADVISED, Result.WAIVED)
SILENCE = (Beside.UNSEEN, Beside.SKIPPED)


class Severe(NamedTuple):
    """The findings of one severity: how many of each result, and rule by rule."""

    severity: str
    title: Text
    counts: Mapping[Result, int]
    rules: list[tuple[Plain, list[Found]]]


def render(document: Document) -> bytes:
    """The page, UTF-8."""
    # Not above: most audits write no page, and need not wait for its library.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["warmth"] = warmth
    environment.filters["said"] = said
    report = legible(document)
    page = environment.get_template("audit.html.j2").render(
        report=report, **_frame(), **_words(report), **_told(report), **_clauses(report)
    )
    return page.encode()


def by_severity(rules: Iterable[Plain]) -> Iterator[Severe]:
    """The rules with findings under each severity that has any, the worst first."""
    wrong = [rule for rule in rules if rule["findings"]]
    for severity, word in SEVERITIES.items():
        found = [(rule, list(findings_of(rule))) for rule in wrong if rule["severity"] == severity]
        if found:
            counts = Counter(one.result for _, founds in found for one in founds)
            yield Severe(severity.value, word, {each: counts[each] for each in FOUND}, found)


def warmth(count: int) -> int:
    """How strongly a cell is coloured: 0 for none, then 1, 2 from ten, 3 from a hundred."""
    return min(3, len(str(count))) if count else 0


def said(text: Any) -> Text:
    """Something that the report says in both languages, or in none."""
    if isinstance(text, Mapping):
        return Text(str(text["zh"]), str(text["en"]))
    return Text(str(text), "")


def _sources(kinds: str) -> Text:
    """What was judged, in both languages; several kinds are joined by a plus."""
    told = [SOURCES.get(kind, Text(kind, kind)) for kind in kinds.split("+")]
    return Text("、".join(each.zh for each in told), ", ".join(each.en for each in told))


def _frame() -> dict[str, Any]:
    """Style and script, and the policy that lets nothing else in."""
    style, script = (HERE.joinpath(f"audit.{kind}").read_text("utf-8") for kind in ("css", "js"))
    policy = POLICY.format(script=_digest(script), style=_digest(style))
    return {"style": Markup(style), "script": Markup(script), "policy": policy}  # files of ours


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def _words(report: Document) -> dict[str, Any]:
    return {
        "verdict": VERDICTS[report["verdict"]],
        "kind": _sources(report["source"]["kind"]),
        "words": WORDS,
        "results": list(Result),
        "found": FOUND,
        "changes": list(Change),
        "came": [change for change in Change if change not in GONE],
        "standings": STANDINGS,
        "coverage": COVERAGE,
    }


def _told(report: Document) -> dict[str, Any]:
    rules, beside = rules_of(report), list(asides(report))
    return {
        "severities": list(by_severity(rules)),
        "waived": [one for one in findings(report) if one.result is Result.WAIVED],
        "clean": [rule for rule in rules if rule["judged"] and not rule["findings"]],
        "absent": [rule for rule in rules if rule["notApplicable"] is not None],
        "void": [aside for aside in beside if aside.kind is Beside.VOID_WAIVER],
        "silent": [aside for aside in beside if aside.kind in SILENCE],
        "profiled": [aside for aside in beside if aside.kind is Beside.PROFILE],
        "trend": report.get("trend"),
        "parameters": report.get("parameters", ()),
        "deferred": report.get("deferred", ()),
    }


def _clauses(report: Document) -> dict[str, Any]:
    found = groups(report)
    return {
        "heat": list(heat_map(rules_of(report))),
        "groups": found,
        "matrix": matrix(found),
        "total": sum(len(group.clauses) for group in found),
    }
