"""``xinglin policy``: what it lists and counts, for people and for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.main import app
from hospital.errors import DeclarationError, Problem
from policies.coverage import coverage
from policies.profiles import profiles
from policies.rules import all_rules


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["policy", *arguments], env={"COLUMNS": "200"})


def report(*arguments: str) -> dict[str, Any]:
    answer = run(*arguments, "--json")
    assert answer.exit_code == 0
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


@pytest.mark.parametrize("command", ["rules", "coverage", "profiles"])
def test_help_shows_an_example_and_the_exit_codes(command: str) -> None:
    told = run(command, "--help").stdout
    assert f"xinglin policy {command} --json" in told
    assert "Exit codes: 0" in told


def test_every_rule_is_listed_with_its_clauses() -> None:
    told = run("rules").stdout
    for found in all_rules():
        assert f"{found.family}/{found.rule.id}" in told
        assert all(str(clause) in told for clause in found.rule.clauses)


def test_the_list_as_json_names_gates_and_who_may_waive() -> None:
    rules = {rule["id"]: rule for rule in report("rules")["rules"]}
    assert rules.keys() == {found.rule.id for found in all_rules()}
    privileged = rules["no_privileged_container"]
    assert privileged["gates"] == ["preview", "admission", "audit"]
    assert privileged["waivedBy"]["en"] == "the security administrator"
    assert rules["binding_not_anonymous"]["waivedBy"] is None


def test_the_numbers_of_each_document_are_told_and_add_up() -> None:
    told = report("coverage")
    total = told["total"]
    assert total["clauses"] == sum(total["counts"].values()) == len(coverage())
    for status, count in total["counts"].items():
        assert count == sum(document["counts"][status] for document in told["documents"])
    assert str(total["counts"]["not covered"]) in run("coverage").stdout


def test_clauses_are_listed_only_when_asked_for() -> None:
    place = "GB/T 22239-2019 8.1.2.1 a"
    assert place not in run("coverage").stdout
    assert place in run("coverage", "--clauses").stdout


def test_a_clause_as_json_says_its_status_its_rules_and_why() -> None:
    clauses = {(item["document"], item["place"]): item for item in report("coverage")["clauses"]}
    graded = clauses["GB/T 22239-2019", "8.1.9.1"]
    assert graded["status"] == "partial"
    assert "core_system_graded" in graded["rules"]
    assert "records" in graded["reason"]["en"]


def test_every_profile_is_listed_with_both_names_and_its_numbers() -> None:
    told = {item["id"]: item for item in report("profiles")["profiles"]}
    table = run("profiles").stdout
    assert list(told) == [profile.id for profile in profiles()]
    for profile in profiles():
        item = told[profile.id]
        assert profile.id in table
        assert profile.title.zh in table
        assert item["rules"] == len(item["ruleIds"])
        assert item["clauses"] == sum(item["counts"].values())
        assert f" {item['clauses']} " in table


@pytest.mark.parametrize("command", ["rules", "coverage", "profiles"])
def test_a_file_that_is_no_rule_ends_with_code_2(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise DeclarationError((Problem("policies/rules/x.py", "RULE", "is no rule"),))

    monkeypatch.setattr("console.policy.all_rules", broken)
    monkeypatch.setattr("policies.coverage.all_rules", broken)
    assert run(command).exit_code == 2
