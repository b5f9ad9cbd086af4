"""Sealed audits: the same input gives the same bytes, and every changed byte of them is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from console import evidence as command
from console.audit import audit
from lab.pki import Authority, evidence_key, evidence_public_pem
from providers import sm2
from providers.access import VARIABLE

ROOT = Path(__file__).parents[2]
LAB = ROOT / "stacks" / "estates" / "lab.yaml"
DAY = "2026-11-23"
SIGNATURES = {"evidence.ed25519", "evidence.sm2"}

auditing = typer.Typer()
auditing.command()(audit)


def identity(directory: Path, name: str) -> Path:
    """An access directory that can seal, and its public keys in `keys` beside it."""
    access = directory / name
    access.mkdir()
    Authority.create("test").issue(name).write(access)
    (access / "evidence.key").write_bytes(evidence_key())
    (access / "sm2.key").write_bytes(sm2.generate())
    keys = directory / "keys"
    keys.mkdir(exist_ok=True)
    public = evidence_public_pem((access / "evidence.key").read_bytes())
    (keys / f"{name}.ed25519.pem").write_bytes(public)
    (keys / f"{name}.sm2.pem").write_bytes(sm2.public((access / "sm2.key").read_bytes()))
    return access


def sealed(output: Path, access: Path | None, *, day: str = DAY) -> Result:
    words = ["--estate", str(LAB), "--on", day, "--output", str(output)]
    words += ["--sign-with", str(access)] if access else []
    return CliRunner().invoke(auditing, words)


def verify(place: Path, *words: str | Path) -> tuple[int, dict[str, Any]]:
    asked = ["verify", str(place), "--json", *map(str, words)]
    answer = CliRunner().invoke(command.app, asked)
    return answer.exit_code, json.loads(answer.stdout) if answer.stdout else {}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two audits, one after the other, and the keys of who sealed them."""
    home = tmp_path_factory.mktemp("sealed")
    access = identity(home, "auditor")
    for name, day in (("first", DAY), ("second", "2026-11-24")):
        assert sealed(home / "audits" / name, access, day=day).exit_code == 0
    return home


@pytest.fixture
def copy(home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(home, tmp_path / "copy")


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_sealed_audits_are_whole_together_and_alone(home: Path) -> None:
    keys = ("--keys", home / "keys")
    whole = {"whole": True, "problems": []}
    assert verify(home / "audits", *keys) == (0, {**whole, "audits": 2})
    assert verify(home / "audits" / "second", *keys) == (0, {**whole, "audits": 1})


def test_the_record_says_of_what_it_is_by_which_tool(home: Path) -> None:
    record = json.loads((home / "audits" / "second" / "evidence.json").read_text())["record"]
    assert [each["name"] for each in record["inputs"]] == ["lab.yaml"]
    assert record["tool"]["name"] == "xinglin"
    assert record["audit"]["date"] == "2026-11-24"
    listed = [each["name"] for each in record["files"]]
    assert sorted([*listed, "evidence.json", *SIGNATURES]) == names(home / "audits" / "second")


def test_the_same_input_gives_the_same_bytes_but_for_the_random_number_of_sm2(copy: Path) -> None:
    audits = copy / "audits"
    before = {path: path.read_bytes() for path in audits.glob("first/*")}
    (audits / "first" / "audit.json").unlink()  # compared with, it would be one input more
    assert sealed(audits / "first", copy / "auditor").exit_code == 0
    changed = [path.name for path in before if before[path] != path.read_bytes()]
    assert changed == ["evidence.sm2"]
    assert verify(audits, "--keys", copy / "keys")[0] == 0


def test_an_audit_that_others_follow_is_not_written_anew(copy: Path) -> None:
    assert sealed(copy / "audits" / "first", copy / "auditor", day="2026-11-25").exit_code == 1
    assert sealed(copy / "audits" / "second", copy / "auditor", day="2026-11-25").exit_code == 0


FILES = [
    "audit.csv",
    "audit.html",
    "audit.json",
    "audit.junit.xml",
    "audit.oscal.json",
    "audit.sarif",
    "evidence.ed25519",
    "evidence.json",
    "evidence.sm2",
]


def test_every_file_of_an_audit_is_tried_below(home: Path) -> None:
    assert set(FILES) <= set(names(home / "audits" / "first"))


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_found_wherever_it_is(home: Path, copy: Path, name: str) -> None:
    path = copy / "audits" / "first" / name
    content = path.read_bytes()
    size = len(content)
    places = range(size) if size <= 80 else (0, size // 3, size // 2, size - 1)
    for place in places:
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        code, told = verify(copy / "audits", "--keys", copy / "keys")
        assert code == 1, f"byte {place}"
        assert any("first" in problem for problem in told["problems"])


def test_a_missing_and_an_added_file_are_named(copy: Path) -> None:
    first = copy / "audits" / "first"
    (first / "audit.csv").unlink()
    (first / "late.txt").write_text("x")
    (first / "deeper").mkdir()
    (first / "deeper" / "audit.csv").write_text("x")
    _, told = verify(copy / "audits", "--keys", copy / "keys")
    assert told["problems"] == [
        "first: audit.csv: is missing",
        "first: deeper/audit.csv: no record names it",
        "first: late.txt: no record names it",
    ]


@pytest.mark.parametrize("name", [*SIGNATURES, "evidence.json"])
def test_a_missing_seal_is_named(copy: Path, name: str) -> None:
    (copy / "audits" / "first" / name).unlink()
    code, told = verify(copy / "audits", "--keys", copy / "keys")
    assert code == 1
    assert any(f"{name}" in problem for problem in told["problems"])


def test_a_dropped_audit_is_found_the_last_one_by_who_knows_it(copy: Path) -> None:
    audits, keys = copy / "audits", copy / "keys"
    output = sealed(copy / "other" / "third", copy / "auditor")
    last = output.stderr.split("evidence.json: ")[1].split()[0]
    assert verify(copy / "other", "--keys", keys, "--head", last)[0] == 0
    assert verify(audits, "--keys", keys, "--head", last)[0] == 1
    shutil.rmtree(audits / "first")
    _, told = verify(audits, "--keys", keys)
    assert told["problems"] == [
        "record 1: carries number 2",
        "record 1: does not follow the record before it",
        "record 1: does not name the SM3 of the record before it",
    ]


def test_seals_that_changed_places_are_found(copy: Path) -> None:
    first, second = copy / "audits" / "first", copy / "audits" / "second"
    for name in ("evidence.json", *SIGNATURES):
        one, other = (first / name).read_bytes(), (second / name).read_bytes()
        (first / name).write_bytes(other)
        (second / name).write_bytes(one)
    assert verify(copy / "audits", "--keys", copy / "keys")[0] == 1


def test_a_stranger_and_one_who_takes_anothers_name_do_not_count(
    copy: Path, tmp_path: Path
) -> None:
    strange = tmp_path / "strange"
    strange.mkdir()
    eve, liar = identity(strange, "eve"), identity(strange, "auditor")
    for name, access in (("by-eve", eve), ("by-liar", liar)):
        sealed(copy / name / "audit", access)
        code, told = verify(copy / name, "--keys", copy / "keys")
        assert code == 1
        assert len(told["problems"]) == 2  # one for each algorithm


@pytest.mark.parametrize("kept", ["evidence.key", "sm2.key"])
def test_each_of_the_two_signatures_counts_for_itself(
    copy: Path, tmp_path: Path, kept: str
) -> None:
    mixed = identity(tmp_path, "auditor")
    shutil.copy(copy / "auditor" / kept, mixed / kept)
    sealed(copy / "mixed" / "audit", mixed)
    code, told = verify(copy / "mixed", "--keys", copy / "keys")
    wrong = ({"evidence.key": "evidence.sm2", "sm2.key": "evidence.ed25519"})[kept]
    assert (code, [problem.split(": ")[1] for problem in told["problems"]]) == (1, [wrong])


def test_without_keys_the_record_says_that_nobody_signed(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    answer = sealed(tmp_path / "audits" / "one", None)
    assert answer.exit_code == 0
    assert "证据未签名" in answer.stderr
    code, told = verify(tmp_path / "audits", "--keys", home / "keys")
    assert (code, told["problems"]) == (1, ["one: nobody signed it"])


def test_who_audits_by_the_environment_signs(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(home / "auditor"))
    sealed(tmp_path / "audits" / "one", None)
    assert verify(tmp_path / "audits", "--keys", home / "keys")[0] == 0
    assert verify(tmp_path / "audits")[0] == 2  # this identity was not told whose seals count


def test_what_lies_deeper_than_the_reports_is_no_part_of_an_audit(
    tmp_path: Path, home: Path
) -> None:
    shutil.copytree(home / "audits" / "first", tmp_path / "all" / "now" / "first")
    assert sealed(tmp_path / "all" / "now", home / "auditor").exit_code == 0
    record = json.loads((tmp_path / "all" / "now" / "evidence.json").read_text())["record"]
    assert [each["name"] for each in record["files"] if "/" in each["name"]] == []


def test_a_directory_of_manifests_is_hashed_file_by_file(tmp_path: Path, home: Path) -> None:
    deploy = tmp_path / "deploy" / "his"
    deploy.mkdir(parents=True)
    (deploy / "pod.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: his}\n")
    place = tmp_path / "audits" / "one"
    words = ["--manifests", str(tmp_path / "deploy"), "--output", str(place)]
    CliRunner().invoke(auditing, [*words, "--on", DAY, "--sign-with", str(home / "auditor")])
    record = json.loads((place / "evidence.json").read_text())["record"]
    assert [each["name"] for each in record["inputs"]] == ["deploy/his/pod.yaml"]


def test_a_place_without_evidence_is_an_error_of_usage(tmp_path: Path, home: Path) -> None:
    assert verify(tmp_path, "--keys", home / "keys")[0] == 2
