"""The report as a table for Excel and WPS: one row per clause, rule and finding.

A rule that found nothing has one row per clause that says so, with how many it judged. What no rule
could judge, and the waivers that waive nothing, have rows without a clause. Spreadsheets take some
cells for formulas: a resource's name must never run on the assessor's machine.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from hospital.rule import Plain
from policies.formats.reading import (
    WORDS,
    Change,
    Document,
    Result,
    asides,
    both,
    findings_of,
    legible,
    rules_of,
    shown,
    waiver_words,
)

COLUMNS = (
    "条款", "规则", "家族", "级别", "严重程度", "判定对象", "结果", "原因", "整改", "位置",
    "变化", "首见",
)  # fmt: skip
LEVELS = {"mandatory": "强制", "advisory": "提示"}
SEVERITIES = {"critical": "严重", "high": "高", "medium": "中", "low": "低"}

_FORMULA = tuple("=+-@＝＋－＠\t\r\n")  # East Asian editions take the wide ones for formulas too

Row = tuple[str, ...]


def render(document: Document) -> bytes:
    """The table as CSV (RFC 4180) in UTF-8 with the byte order mark that Excel asks for."""
    report = legible(document)
    sheet = StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(COLUMNS)
    for row in _rows(report):
        writer.writerow([guarded(cell) for cell in row])
    return sheet.getvalue().encode("utf-8-sig")


def guarded(cell: str) -> str:
    """``cell``, with a leading apostrophe if a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _rows(report: Document) -> Iterator[Row]:
    for rule in rules_of(report):
        for clause in rule["clauses"]:
            for subject, result, reason, place, *trend in _outcomes(rule):
                yield (
                    clause, f"{rule['id']} {rule['title']['zh']}", rule["family"],
                    LEVELS[rule["level"]], SEVERITIES[rule["severity"]], subject, result, reason,
                    both(rule["remedy"]), place, *trend,
                )  # fmt: skip
    for kind, subject, said in asides(report):
        yield ("", "", "", "", "", subject, WORDS[kind].zh, said, "", "", "", "")


def _outcomes(rule: Plain) -> Iterator[Row]:
    """(subject, result, reason, place, change, since) of every finding, or of there being none."""
    for _, finding, result in findings_of(rule):
        reason = both(finding["reason"])
        if finding["waiver"] is not None:
            reason = f"{reason}；{waiver_words(finding['waiver'])}"
        change = WORDS[Change(finding["change"])].zh if finding.get("change") else ""
        since = finding.get("since", "")
        yield finding["resource"], WORDS[result].zh, reason, finding["place"], change, since
    if rule["notApplicable"] is not None:
        yield "", WORDS[Result.NOT_APPLICABLE].zh, both(rule["notApplicable"]), "", "", ""
    elif not rule["findings"]:
        count = rule["judgedCount"]
        yield f"共 {count} 个 / {count} judged", WORDS[Result.PASSED].zh, shown(rule), "", "", ""
