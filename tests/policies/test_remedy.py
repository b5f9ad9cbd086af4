"""A fix puts right what its rule finds, breaks no other rule, and changes nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from console.main import app
from hospital.rule import Kind, Resource
from hospital.unknown import UNKNOWN, guarded
from policies.intake import from_object
from policies.judgement import facts_of, findings_in
from policies.remedy import repaired
from policies.rules import FoundRule, all_rules

FIXTURES = Path(__file__).parent / "fixtures"
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TODAY = date(2026, 11, 25)
FIXING = [found for found in all_rules() if found.fix]

each_fix = pytest.mark.parametrize("found", FIXING, ids=lambda found: found.rule.id)


def resources(found: FoundRule, name: str) -> Iterator[Resource]:
    fixture = yaml.safe_load((FIXTURES / found.rule.id / name).read_text(encoding="utf-8"))
    for item in fixture.get("resources", ()):
        yield Resource(Kind(item["kind"]), item["name"], item["inputs"])
    yield from (from_object(item) for item in fixture.get("objects", ()))


def count(found: FoundRule, resource: Resource) -> int:
    facts = facts_of((resource,), today=TODAY)
    return sum(1 for each in findings_in((found,), facts) if not each.waived)


def test_there_are_fixes() -> None:
    assert len(FIXING) >= 6


@each_fix
def test_a_fix_lessens_what_its_rule_finds_in_what_the_fixture_refuses(found: FoundRule) -> None:
    lessened = 0
    for resource in resources(found, "fail.yaml"):
        before = count(found, resource)
        after, kept = repaired(resource, (found,), today=TODAY)
        assert count(found, after) < before if kept else after == resource
        lessened += bool(kept)
    assert lessened


@each_fix
def test_what_complies_stays_as_it_is(found: FoundRule) -> None:
    for resource in resources(found, "pass.yaml"):
        assert repaired(resource, (found,), today=TODAY) == (resource, ())


@each_fix
def test_a_fix_changes_a_copy_and_needs_no_second_time(found: FoundRule) -> None:
    for resource in resources(found, "fail.yaml"):
        kept = deepcopy(resource.inputs)
        once, _ = repaired(resource, all_rules(), today=TODAY)
        assert resource.inputs == kept
        assert repaired(once, all_rules(), today=TODAY) == (once, ())


def test_no_rule_finds_more_after_all_fixes() -> None:
    items = yaml.safe_load_all((EXAMPLES / "fails" / "objects.yaml").read_text(encoding="utf-8"))
    for resource in map(from_object, items):
        after, _ = repaired(resource, all_rules(), today=TODAY)
        for found in all_rules():
            if found.rule.scope == "resource":
                assert count(found, after) <= count(found, resource), found.rule.id


def test_what_is_not_known_yet_is_left_alone() -> None:
    account = {"kind": "ServiceAccount", "metadata": {"name": UNKNOWN}}
    inputs: Any = {"object": guarded(account, "Object/a")}
    resource = Resource(Kind.OBJECT, "a", inputs)
    assert repaired(resource, all_rules(), today=TODAY) == (resource, ())


def test_the_command_writes_what_applies_again_and_tells_what_is_left(tmp_path: Path) -> None:
    path, output = EXAMPLES / "fails" / "objects.yaml", tmp_path / "fixed"
    told = CliRunner().invoke(app, ["policy", "fix", str(path), "--output", str(output), "--json"])
    assert told.exit_code == 1
    report = json.loads(told.stdout)
    fixed = {rule for each in report["fixed"] for rule in each["rules"]}
    assert {"no_privilege_escalation", "token_not_mounted", "volume_kept_after_claim"} <= fixed
    before = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    after = list(yaml.safe_load_all((output / "objects.yaml").read_text(encoding="utf-8")))
    assert [each["kind"] for each in after] == [each["kind"] for each in before]
    assert "+          allowPrivilegeEscalation: false" in (output / "changes.diff").read_text()
    again = CliRunner().invoke(app, ["policy", "fix", str(path), "--output", str(output)])
    assert again.exit_code == 2
    clean = ["policy", "fix", str(EXAMPLES / "passes" / "objects.yaml")]
    assert CliRunner().invoke(app, [*clean, "--output", str(tmp_path / "good")]).exit_code == 0
