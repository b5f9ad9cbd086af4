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
from policies.nouns import from_estate
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
    assert (told["kind"], told["schemaVersion"], told["verdict"]) == ("PolicyReport", 2, "passed")
    assert rule(told, "residency_in_china")["judgedCount"] == 19
    judged = rule(told, "namespace_has_default_deny")["judged"]
    assert "Object/Namespace/hospital-his@cloud" in judged
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
    owner = {"kind": "ReplicaSet", "name": "stray-1", "controller": True}
    pods: list[dict[str, Any]] = [
        {"kind": "Pod", "metadata": {"name": "stray-1-x", "ownerReferences": [owner]}},
        {"kind": "Pod", "metadata": {"name": "by-hand"}},
    ]
    look = Look({"cloud": Shown([stray, policy, *pods])}.__getitem__)
    found = look.objects(estate.workload("his"), estate.site("cloud"))
    assert found == [pods[1], stray, policy]


def recorded(folder: Path, **changed: str) -> Path:
    """A file with one record, valid on the day of these tests."""
    fields = {
        "clause": "GB/T 22239-2019 8.1.9.9",
        "title": "测评报告",
        "owner": "王主任",
        "date": "2026-05-12",
        "until": "2027-05-11",
        "evidence": "report.pdf",
    }
    path = folder / "records.yaml"
    path.write_text(json.dumps([fields | changed], ensure_ascii=False), encoding="utf-8")
    return path


def statuses(told: dict[str, Any]) -> set[str]:
    return {record["status"] for record in told["records"]}


def test_without_records_what_only_people_can_show_is_told_and_refuses_nothing() -> None:
    told = report("--estate", LAB)
    assert statuses(told) == {"not shown"}
    assert told["counts"]["clausesNotAttested"] == len(told["records"])
    answer = run("--estate", LAB, "--on", DAY)
    assert answer.exit_code == 0
    said = answer.stdout.replace("\n", " ")
    assert f"{len(told['records'])} clauses that only a record can show" in said


def test_valid_records_count_and_missing_ones_advise(tmp_path: Path) -> None:
    path = recorded(tmp_path)
    assert run("--estate", LAB, "--records", path, "--on", DAY).exit_code == 0
    told = report("--estate", LAB, "--records", path)
    assert statuses(told) == {"valid", "missing"}
    assert told["counts"]["clausesAttested"] == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"until": "2026-11-22"}, "lapsed on 2026-11-22 (王主任)"),
        ({"sha256": "0" * 64}, "is not the file that was recorded"),
    ],
)
def test_a_record_that_lapsed_or_whose_evidence_changed_ends_with_code_1(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    (tmp_path / "report.pdf").write_bytes(b"another")
    path = recorded(tmp_path, **changed)
    answer = run("--estate", LAB, "--records", path, "--on", DAY)
    assert answer.exit_code == 1
    assert said in answer.stdout.replace("\n", " ")


def test_records_go_with_whatever_is_judged(tmp_path: Path) -> None:
    manifest = tmp_path / "manifests" / "one.yaml"
    manifest.parent.mkdir()
    manifest.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: his}\n")
    told = report("--manifests", manifest, "--records", recorded(tmp_path))
    assert (told["source"]["kind"], statuses(told)) == ("manifests", {"valid", "missing"})


def test_records_that_cannot_be_read_end_with_code_2_and_file_and_line(tmp_path: Path) -> None:
    path = recorded(tmp_path, until="soon", clause="8.1.9.9")
    answer = run("--estate", LAB, "--records", path, "--on", DAY)
    assert answer.exit_code == 2
    told = answer.stderr.replace("\n", "")
    assert told.count("records.yaml:1:") == 2


def test_a_record_says_nothing_to_the_terminal_but_text(tmp_path: Path) -> None:
    path = recorded(tmp_path, until="2026-11-22", owner="\x1b[2J[red]")
    answer = run("--estate", LAB, "--records", path, "--on", DAY)
    assert "\x1b[2J" not in answer.stdout
    assert "[red]" in answer.stdout


def test_a_profile_asks_its_rules_and_speaks_of_its_clauses_only(tmp_path: Path) -> None:
    arguments = ("--estate", LAB, "--records", recorded(tmp_path))
    everything, told = report(*arguments), report(*arguments, "--profile", "信创")
    assert everything["profile"] is None
    assert (told["profile"]["id"], told["verdict"]) == ("localization", "passed")
    assert {item["family"] for item in told["rules"]} == {"localization"}
    assert told["counts"]["rules"] == told["profile"]["rules"] < everything["counts"]["rules"]
    assert "GB/T 22239-2019 8.1.9.9" not in {record["clause"] for record in told["records"]}


def test_the_profile_stands_above_the_findings() -> None:
    told = run("--estate", ABROAD, "--on", DAY, "--profile", "localization").stdout
    assert told.index("localization 信创") < told.index("db-oracle 不在信创目录内")
    assert "位于境外站点" not in told


def test_an_unknown_profile_ends_with_code_2_the_near_one_and_the_list() -> None:
    answer = run("--estate", LAB, "--profile", "mlps")
    assert answer.exit_code == 2
    told = answer.stderr.replace("\n", " ")
    assert "did you mean 'mlps2'?" in told
    assert "crypto3 密评三级" in told
