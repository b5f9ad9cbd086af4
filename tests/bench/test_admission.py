"""What the admission benchmark asks, and how its figures come of the answers."""

from __future__ import annotations

from datetime import date

import pytest

from bench.admission import percentiles, reviews
from policies.review import admission_rules, findings, read

DAY = date(2026, 11, 23)


def test_every_review_is_one_that_rules_judge_and_that_is_let_in() -> None:
    asked = [read(review) for review in reviews()]
    assert len({request.uid for request in asked}) == len(asked) > 100
    found = [one for request in asked for one in findings(request, admission_rules(), today=DAY)]
    assert [one.rule.id for one in found if one.refuses] == []


def test_percentiles_are_of_all_answers() -> None:
    told = percentiles([number / 1000 for number in range(1, 1001)])
    assert told == {
        "p50": pytest.approx(0.5, abs=0.001),
        "p95": pytest.approx(0.95, abs=0.001),
        "p99": pytest.approx(0.99, abs=0.001),
        "max": 1.0,
    }
