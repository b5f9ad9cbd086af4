"""Every rule against the resources that it must pass and refuse, named one by one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from hospital.rule import Kind, Resource
from policies.intake import from_object
from policies.judgement import Tally, judge
from policies.rules import FoundRule, all_rules

ROOT = Path(__file__).parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
TODAY = date(2026, 11, 23)
FAMILIES = {"localization", "mlps", "crypto", "continuity", "data", "kubernetes", "cloud"}
LONGEST = 60

each_rule = pytest.mark.parametrize("found", all_rules(), ids=lambda found: found.rule.id)


def files_on_disk() -> set[tuple[str, str]]:
    rules = (ROOT / "policies" / "rules").glob("*/*.py")
    return {(path.parent.name, path.stem) for path in rules if path.stem != "__init__"}


def judged(found: FoundRule, name: str) -> tuple[dict[str, Any], Tally]:
    fixture = yaml.safe_load((FIXTURES / found.rule.id / name).read_text(encoding="utf-8"))
    resources = [
        Resource(Kind(item["kind"]), item["name"], item["inputs"])
        for item in fixture.get("resources", ())
    ]
    resources += [from_object(item) for item in fixture.get("objects", ())]
    judgement = judge([found], resources, today=fixture.get("today", TODAY))
    return fixture, judgement.tallies[0]


def test_the_files_on_disk_are_the_rules_that_are_found() -> None:
    assert {(found.family, found.rule.id) for found in all_rules()} == files_on_disk()


def test_every_family_has_at_least_two_rules_and_there_are_ten_or_more() -> None:
    families = [found.family for found in all_rules()]
    assert set(families) == FAMILIES
    assert min(families.count(family) for family in FAMILIES) >= 2
    assert len(families) >= 10


def test_every_fixture_folder_belongs_to_a_rule() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == {found.rule.id for found in all_rules()}


@each_rule
def test_a_rule_passes_the_resources_that_its_fixture_names(found: FoundRule) -> None:
    fixture, tally = judged(found, "pass.yaml")
    assert set(fixture["pass"]) <= set(tally.judged)
    assert [(finding.resource.id, finding.reason.en) for finding in tally.findings] == []


@each_rule
def test_a_rule_refuses_exactly_the_resources_that_its_fixture_names(found: FoundRule) -> None:
    fixture, tally = judged(found, "fail.yaml")
    said: dict[str, list[str]] = {}
    for finding in tally.findings:
        said.setdefault(finding.resource.id, []).append(finding.reason.en)
    assert said.keys() == fixture["fail"].keys()
    for resource, reasons in fixture["fail"].items():
        assert len(said[resource]) == len(reasons), said[resource]
        for reason, fragment in zip(said[resource], reasons, strict=True):
            assert fragment in reason


@each_rule
def test_a_rule_fits_on_one_screen_and_explains_itself(found: FoundRule) -> None:
    path = ROOT / "policies" / "rules" / found.family / f"{found.rule.id}.py"
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    for word in ("Why:", "Clause:", "Fix:", "Waiver:"):
        assert word in text.split('"""')[1]


@each_rule
def test_a_rule_speaks_both_languages_and_names_its_clauses(found: FoundRule) -> None:
    rule = found.rule
    for text in (rule.title, rule.remedy, *([rule.waived_by] if rule.waived_by else [])):
        assert any("一" <= letter <= "鿿" for letter in text.zh)
        assert text.en.isascii()
    assert rule.clauses
    assert rule.kinds
