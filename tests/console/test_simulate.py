"""The simulation plays every loss to its end, calls itself one, and writes a valid report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

import console.report
from console.main import app
from console.simulation import Play, order
from hospital.report import build
from stacks.estate import read_estate

ROOT = Path(__file__).parents[2]
LAB = ROOT / "stacks" / "estates" / "lab.yaml"
SCHEMA = json.loads((ROOT / "console" / "report.schema.json").read_text(encoding="utf-8"))
CLINICAL = {"identity", "integration", "his", "emr", "lis", "pacs"}


@pytest.fixture(scope="module")
def burnt() -> dict[str, Any]:
    return build(Play(read_estate(LAB), "campus-x86").run())


def test_the_loss_of_the_home_moves_its_workloads_and_loses_nothing(burnt: dict[str, Any]) -> None:
    (story,) = burnt["stories"]
    moved = {each["name"] for each in story["workloads"] if each["from"] != each["to"]}
    assert moved == CLINICAL
    assert all(each["to"] != "campus-x86" for each in story["workloads"])
    assert burnt["writes"]["lost"] == 0
    assert burnt["verdict"] == "met"
    assert [mark["kind"] for mark in story["marks"]] == ["loss", "decision", "primary", "names"]


def test_the_lease_expires_only_after_the_withdrawal(burnt: dict[str, Any]) -> None:
    steps = {step["kind"]: step for step in burnt["stories"][0]["steps"]}
    withdrawal, expiry = steps["WithdrawAcknowledgement"], steps["ExpireLease"]
    assert withdrawal["ended"] <= expiry["started"] <= expiry["ended"]
    assert expiry["ended"] <= steps["AwaitPrimary"]["ended"]


def test_dependencies_are_served_before_what_needs_them(burnt: dict[str, Any]) -> None:
    (story,) = burnt["stories"]
    named = {each["subject"]: each for each in story["steps"] if each["kind"] == "SwitchName"}
    for workload in read_estate(LAB).workloads:
        for needed in workload.depends_on:
            if workload.name in named and needed in named:
                assert named[needed]["ended"] <= named[workload.name]["started"]


def test_the_steps_are_those_that_the_lab_takes(burnt: dict[str, Any]) -> None:
    """``make demo`` compares the same two lists at every run; this one was lived by a lab."""
    lived = json.loads((Path(__file__).parent / "lived.json").read_text(encoding="utf-8"))
    assert list(order(burnt["stories"][0])) == lived


@pytest.mark.parametrize("site", ["campus-arm", "cloud"])
def test_the_loss_of_any_other_site_is_survived_too(site: str) -> None:
    report = build(Play(read_estate(LAB), site).run())
    assert report["verdict"] == "met"
    assert report["writes"]["lost"] == 0
    assert all(each["to"] not in ("", site) for each in report["stories"][0]["workloads"])


def test_the_report_is_as_its_schema_says(burnt: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(burnt)


def test_the_page_is_whole_and_calls_itself_a_simulation(
    burnt: dict[str, Any], tmp_path: Path
) -> None:
    data, page = console.report.write(burnt, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert json.loads(data.read_text(encoding="utf-8")) == burnt
    assert "推演，不是实测" in text
    assert "Simulation, not a measurement" in text
    assert text.count("<svg") == 1
    for foreign in ("http://", "https://", "<script", "<link", "@import"):
        assert foreign not in text


def test_what_people_wrote_cannot_become_markup(burnt: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(burnt))
    changed["stories"][0]["actions"][0]["reason"] = "<b onclick=x>"
    page = console.report.html(changed)
    assert "<b onclick" not in page
    assert "&lt;b onclick=x&gt;" in page


def test_the_command_says_simulation_first_and_ends_with_its_verdict() -> None:
    outcome = CliRunner().invoke(app, ["simulate", str(LAB), "--lose", "campus-x86"])
    assert outcome.exit_code == 0
    assert "SIMULATION" in outcome.stdout.splitlines()[0]
    assert "simulated verdict" in outcome.stdout.splitlines()[-1]


def test_an_unknown_site_or_file_ends_with_code_2() -> None:
    for arguments in ([str(LAB), "--lose", "mars"], ["nowhere.yaml", "--lose", "cloud"]):
        assert CliRunner().invoke(app, ["simulate", *arguments]).exit_code == 2
