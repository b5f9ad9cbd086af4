"""A report by its clauses: families, heat, and a place for every clause that was not looked at."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from console.inspection import declared
from policies.coverage import Status, catalogue, coverage, documents
from policies.formats import clauses, page
from policies.formats.clauses import FAMILIES, STANDINGS, clause_family, groups, heat_map, matrix
from policies.formats.reading import Result
from policies.judgement import judge
from policies.profiles import named, select, summary
from policies.records import not_shown
from policies.report import document
from policies.rules import all_rules

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
TODAY = date(2026, 11, 23)


@cache
def lab(profile: str | None = None) -> dict[str, Any]:
    chosen = None if profile is None else named(profile)
    selection = select(chosen, all_rules(), entries=catalogue())
    inspected = declared(LAB)
    return document(
        judge(selection.rules, inspected.resources, today=TODAY),
        inspected.resources,
        source=inspected.source,
        records=not_shown(selection.entries),
        profile=None if chosen is None else summary(chosen, selection),
        covered=selection.covered,
    )


@pytest.mark.parametrize(
    ("clause", "family"),
    [
        ("GB/T 22239-2019 8.1.4.2 a", "GB/T 22239-2019 8.1.4"),
        ("GB/T 22239-2019 8.1.10.13", "GB/T 22239-2019 8.1.10"),
        ("GB/T 22239-2019 8.2.6.2", "GB/T 22239-2019 8.2.6"),
        ("GB/T 39786-2021 8.2 a", "GB/T 39786-2021 8.2"),
        ("GB/T 39786-2021 第5章 密码算法", "GB/T 39786-2021"),
        ("GB/T 20988-2025 8.1", "GB/T 20988-2025"),
        ("GB/T 20988-2025 第5级", "GB/T 20988-2025"),
        ("国卫规划发〔2022〕29号 第18–22条", "国卫规划发〔2022〕29号"),
        ("GB/T 99999-2030 8.1.4.2 a", "GB/T 99999-2030 8.1.4"),
        ("a circular nobody knows", "a circular nobody knows"),
    ],
)
def test_a_clause_belongs_to_a_family_that_has_words_or_to_its_numbers(
    clause: str, family: str
) -> None:
    assert clause_family(clause) == family


def test_every_family_of_the_catalogue_has_words_and_no_words_are_left_over() -> None:
    found = {clause_family(str(entry.clause)) for entry in catalogue()}
    names = {each.name for each in documents()}
    assert found <= FAMILIES.keys()
    assert FAMILIES.keys() - found <= names  # a document whose clauses all have narrower families


def test_the_heat_map_counts_a_rule_once_per_family_and_sorts_by_document_and_number() -> None:
    heat = list(heat_map(lab()["rules"]))
    order = [*FAMILIES]
    assert [row.family for row in heat] == sorted((row.family for row in heat), key=order.index)
    (borders,) = (row for row in heat if row.family == "GB/T 22239-2019 8.1.3")
    naming = [
        rule
        for rule in lab()["rules"]
        if any(clause.startswith("GB/T 22239-2019 8.1.3.") for clause in rule["clauses"])
    ]
    assert borders.counts[Result.NOT_APPLICABLE] == sum(
        1 for rule in naming if rule["notApplicable"]
    )
    assert sum(borders.counts[each] for each in (Result.REFUSED, Result.ADVISED)) == sum(
        len(rule["findings"]) for rule in naming
    )


@pytest.mark.parametrize("profile", [None, "mlps2", "crypto3", "mlps3-grade-a", "localization"])
def test_every_clause_of_the_run_is_counted_once_and_by_its_own_coverage(
    profile: str | None,
) -> None:
    report = lab(profile)
    counted = matrix(groups(report))
    by_status = {status.value: sum(row.values()) for status, row in counted.items()}
    expected = Counter(item["status"] for item in report["coverage"])
    assert by_status == {status.value: expected[status.value] for status in Status}
    if profile is not None:
        assert by_status == report["profile"]["counts"]


def test_a_clause_without_a_rule_is_never_said_to_have_passed() -> None:
    found = [clause for group in groups(lab()) for clause in group.clauses]
    assert {clause.standing for clause in found if not clause.rules} == {
        clauses.NOT_SHOWN,
        clauses.UNCOVERED,
    }
    for clause in found:
        if clause.standing == Result.PASSED and clause.status is Status.PARTIAL:
            assert clause.word == clauses.IN_PART
    assert {clause.standing for clause in found} <= STANDINGS.keys()


def test_a_clause_all_of_whose_rules_judged_nothing_is_not_applicable() -> None:
    silent = {rule["id"] for rule in lab()["rules"] if rule["notApplicable"]}
    found = [clause for group in groups(lab()) for clause in group.clauses]
    absent = [clause for clause in found if clause.standing == Result.NOT_APPLICABLE]
    assert absent
    assert all(silent.issuperset(clause.rules) for clause in absent)


def test_one_refused_finding_makes_its_clauses_refused() -> None:
    report = lab()
    rules = [dict(rule) for rule in report["rules"]]
    rule = next(each for each in rules if each["level"] == "mandatory" and each["judged"])
    said = {"zh": "缺", "en": "lacks"}
    rule["findings"] = [
        {"resource": rule["judged"][0], "reason": said, "waiver": None, "place": ""}
    ]
    found = groups(report | {"rules": rules})
    standings = {item.clause: item.standing for group in found for item in group.clauses}
    assert {standings[clause] for clause in rule["clauses"]} == {Result.REFUSED}


def test_the_page_shows_every_clause_with_its_title_and_what_is_not_looked_at() -> None:
    text = page.render(lab()).decode()
    for item in coverage():
        assert f"<td>{item.entry.clause}</td>" in text
        assert item.entry.title.zh in text


def test_the_report_carries_the_coverage_of_every_clause_of_the_run() -> None:
    told = [item["clause"] for item in lab()["coverage"]]
    assert told == [str(item.entry.clause) for item in coverage()]
    assert len(lab("mlps2")["coverage"]) == lab("mlps2")["profile"]["clauses"] < len(told)
