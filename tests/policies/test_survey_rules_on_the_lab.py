"""Every rule over what runs, asked of the laboratory as it was surveyed, with one fact changed.

A changed fact that a second rule finds too would be one fact told twice; one that no rule finds
would pass. ``surveys/README.md`` says what the files hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from hospital.codec import decode
from hospital.rule import SURVEYED, Level
from hospital.survey import SCHEMA_VERSION, Survey
from policies.judgement import judge
from policies.nouns import from_survey
from policies.rules import all_rules

SURVEYS = Path(__file__).parent / "surveys"
PARTS = tuple(sorted(path.stem for path in SURVEYS.glob("*.json")))
TODAY = date(2026, 11, 25)
RULES = [found for found in all_rules() if SURVEYED.issuperset(found.rule.kinds)]

Plain = dict[str, Any]
Finding = tuple[str, str, str]  # rule, resource, reason


def head(**parts: Any) -> Plain:
    around = {"schemaVersion": SCHEMA_VERSION, "kind": "Survey", "estate": "lab"}
    return {**around, "takenAt": "2026-11-25T00:00:00Z", "by": "pulumi", **parts}


def surveyed(part: str) -> list[Plain]:
    text = (SURVEYS / f"{part}.json").read_text(encoding="utf-8")
    things: list[Plain] = json.loads(text)[part]
    return things


def told(part: str) -> Plain:
    beside: Plain = yaml.safe_load((SURVEYS / f"{part}.yaml").read_text(encoding="utf-8"))
    return beside


def findings(part: str, things: list[Plain]) -> set[Finding]:
    resources = from_survey(decode(Survey, head(**{part: things})))
    judgement = judge(RULES, resources, today=TODAY)
    return {(each.rule.id, each.resource.id, each.reason.en) for each in judgement.findings}


def changed(part: str, change: Plain) -> list[Plain]:
    things = deepcopy(surveyed(part))
    resources = from_survey(decode(Survey, head(**{part: things})))
    names = [each.name for each in resources]
    holder: Any = things[names.index(change["resource"])]["facts"]
    *around, last = change["path"]
    for key in around:
        holder = holder[key]
    if "to" in change:
        holder[last] = change["to"]
    else:
        del holder[last]
    return things


def listed(kind: str) -> Iterator[Any]:
    for part in PARTS:
        for rule, change in told(part).get(kind, {}).items():
            yield pytest.param(part, rule, change, id=rule)


@pytest.mark.parametrize("part", PARTS)
def test_the_rules_find_in_the_laboratory_what_is_known_of_it(part: str) -> None:
    found = {rule for rule, _, _ in findings(part, surveyed(part))}
    assert found == told(part).get("found", {}).keys()


@pytest.mark.parametrize(("part", "rule", "change"), list(listed("changes")))
def test_a_changed_fact_is_found_by_its_rule_alone(part: str, rule: str, change: Plain) -> None:
    more = findings(part, changed(part, change)) - findings(part, surveyed(part))
    assert {name for name, _, _ in more} == {rule}


@pytest.mark.parametrize(("part", "rule", "change"), list(listed("repaired")))
def test_a_repaired_fact_is_no_longer_found(part: str, rule: str, change: Plain) -> None:
    less = findings(part, surveyed(part)) - findings(part, changed(part, change))
    assert {name for name, _, _ in less} == {rule}


def test_every_rule_over_what_runs_is_broken_or_repaired_by_a_change() -> None:
    tried = {each.id for kind in ("changes", "repaired") for each in listed(kind)}
    assert {found.rule.id for found in RULES if found.rule.level is Level.MANDATORY} <= tried
    assert tried <= {found.rule.id for found in RULES}
