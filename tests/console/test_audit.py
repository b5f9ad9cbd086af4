"""``xinglin audit``: what it prints, writes and ends with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from console.audit import audit
from console.inspection import Look
from hospital.errors import UnavailableError
from hospital.estate import Estate
from policies.intake import from_estate
from stacks.estate import read_estate

ROOT = Path(__file__).parents[2]
LAB = ROOT / "stacks" / "estates" / "lab.yaml"
ABROAD = ROOT / "tests" / "policies" / "estates" / "abroad.yaml"
DAY = "2026-11-23"

app = typer.Typer()
app.command()(audit)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def report(*arguments: str | Path) -> dict[str, Any]:
    answer = run(*arguments, "--json", "--on", DAY)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def rule(told: dict[str, Any], rule_id: str) -> dict[str, Any]:
    (found,) = (item for item in told["rules"] if item["id"] == rule_id)
    return dict(found)


def test_a_good_declaration_passes_with_code_0() -> None:
    assert run("--estate", LAB, "--on", DAY).exit_code == 0


def test_a_refused_declaration_ends_with_code_1_and_says_why_in_both_languages() -> None:
    answer = run("--estate", ABROAD, "--on", DAY)
    assert answer.exit_code == 1
    for part in (
        "位于境外站点 cloud-abroad",
        "at cloud-abroad, abroad",
        "db-oracle 不在信创目录内",
    ):
        assert part in answer.stdout


def test_reasons_of_one_rule_in_one_resource_are_told_together(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    urn = "urn:pulumi:lab::x::hospital:index:Bucket::backups"
    listed = [{"type": "hospital:index:Bucket", "urn": urn, "inputs": {"encrypted": True}}]
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": listed}}))
    answer = run("--state", path)
    assert answer.stdout.count("■ Bucket/backups") == 1
    assert "public access is not blocked; versions are not kept" in answer.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--estate", "nowhere.yaml"),
        ("--state", "nowhere.json"),
        ("--state", str(LAB)),
        ("--state", "a.json", "--live"),
        ("--on", "tomorrow"),
    ],
)
def test_wrong_use_and_unreadable_files_end_with_code_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_the_report_says_how_many_resources_each_rule_judged_and_why_one_judged_none() -> None:
    told = report("--estate", LAB)
    assert (told["kind"], told["schemaVersion"], told["verdict"]) == ("PolicyReport", 1, "passed")
    assert rule(told, "residency_in_china")["judgedCount"] == 19
    assert "Workload/his-cloud" in rule(told, "default_deny_network")["judged"]
    assert rule(told, "bucket_not_public")["notApplicable"]["en"] == "no Bucket resource"
    assert told["counts"]["judgements"] == sum(item["judgedCount"] for item in told["rules"])


def test_the_report_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    run("--estate", ABROAD, "--output", tmp_path / "deep" / "er", "--on", DAY)
    told = json.loads((tmp_path / "deep" / "er" / "audit.json").read_text(encoding="utf-8"))
    assert told["verdict"] == "refused"
    assert told["date"] == DAY


def test_the_day_of_the_judgement_decides_what_has_lapsed() -> None:
    assert run("--estate", LAB, "--on", "2027-05-20").exit_code == 0
    assert run("--estate", LAB, "--on", "2027-05-21").exit_code == 1


def test_an_exported_state_is_judged_by_its_inputs(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    listed = [
        {"type": "pulumi:pulumi:Stack", "urn": "urn:pulumi:lab::x::pulumi:pulumi:Stack::lab"},
        {
            "type": "hospital:index:Bucket",
            "urn": "urn:pulumi:lab::x::hospital:index:Bucket::backups",
            "inputs": {"encrypted": True, "versioned": True, "publicAccessBlocked": False},
        },
    ]
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": listed}}))
    told = report("--state", path)
    assert told["counts"]["resources"] == 1
    (finding,) = rule(told, "bucket_not_public")["findings"]
    assert finding["resource"] == "Bucket/backups"


class Shown:
    """A site's API server that holds the given objects, or does not answer."""

    def __init__(self, items: list[dict[str, Any]] | None) -> None:
        self.held = items
        self.asked = 0

    def items(self, api_version: str, kind: str, *, namespace: str = "") -> list[dict[str, Any]]:
        self.asked += 1
        if self.held is None:
            raise UnavailableError("https://10.9.0.1:6443", "no answer")
        return [item for item in self.held if item["kind"] == kind]


@pytest.fixture(scope="module")
def estate() -> Estate:
    return read_estate(LAB)


def test_a_site_that_does_not_answer_is_named_and_asked_only_once(estate: Estate) -> None:
    shown = {site.name: Shown([]) for site in estate.sites} | {"cloud": Shown(None)}
    look = Look(shown.__getitem__)
    resources = {item.name: item for item in from_estate(estate, objects=look.objects)}
    assert look.unseen == {"cloud"}
    assert shown["cloud"].asked == 1
    assert "objects" not in resources["his-cloud"].inputs
    assert resources["his-campus-x86"].inputs["objects"] == []


def test_a_stray_deployment_in_the_namespace_is_judged_too(estate: Estate) -> None:
    stray = {"kind": "Deployment", "metadata": {"name": "stray", "labels": {}}}
    policy = {"kind": "NetworkPolicy", "metadata": {"name": "deny-all"}}
    look = Look({"cloud": Shown([stray, policy])}.__getitem__)
    assert look.objects(estate.workload("his"), estate.site("cloud")) == [stray, policy]
