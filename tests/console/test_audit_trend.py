"""``xinglin audit``: with which earlier report it compares, and what it refuses to overwrite."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from console.audit import audit
from policies.formats import pdf
from policies.formats.files import FORMATS

ROOT = Path(__file__).parents[2]
LAB = ROOT / "stacks" / "estates" / "lab.yaml"
DAYS = ("2026-11-20", "2026-11-21", "2026-11-22")
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: his, namespace: his}}
spec:
  {more}
  containers: [{{name: his, image: "xinglin.dev/his:1"}}]
"""

app = typer.Typer()
app.command()(audit)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def pod(tmp_path: Path) -> Path:
    path = tmp_path / "pod.yaml"
    path.write_text(POD.format(more="hostNetwork: true"), encoding="utf-8")
    return path


def written(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "audit.json").read_text(encoding="utf-8"))
    return found


def findings(report: dict[str, Any], rule_id: str) -> list[dict[str, Any]]:
    (rule,) = (rule for rule in report["rules"] if rule["id"] == rule_id)
    return list(rule["findings"])


def test_a_second_audit_compares_with_the_report_that_it_replaces(
    pod: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    first = run("--manifests", pod, "--output", kept, "--on", DAYS[0])
    assert written(kept)["trend"] is None
    assert "相比" not in first.stdout
    pod.write_text(POD.format(more=""), encoding="utf-8")
    second = run("--manifests", pod, "--output", kept, "--on", DAYS[1])
    trend = written(kept)["trend"]
    assert trend["date"] == DAYS[0]
    assert "no_host_network" in [gone["rule"] for gone in trend["gone"]]
    assert f"since the report of {DAYS[0]}" in " ".join(second.stdout.split())
    since = {one["since"] for rule in written(kept)["rules"] for one in rule["findings"]}
    assert since == {DAYS[0]}


def test_a_named_report_comes_before_the_one_that_is_replaced(pod: Path, tmp_path: Path) -> None:
    month, kept = tmp_path / "month", tmp_path / "kept"
    run("--manifests", pod, "--output", month, "--on", DAYS[0])
    run("--manifests", pod, "--output", kept, "--on", DAYS[1])
    run(
        "--manifests", pod, "--output", kept, "--on", DAYS[2], "--since", month / "audit.json"
    )  # fmt: skip
    assert written(kept)["trend"]["date"] == DAYS[0]


def test_the_report_on_standard_output_is_compared_too(pod: Path, tmp_path: Path) -> None:
    run("--manifests", pod, "--output", tmp_path, "--on", DAYS[0])
    answer = run("--manifests", pod, "--json", "--since", tmp_path / "audit.json", "--on", DAYS[1])
    (finding,) = findings(json.loads(answer.stdout), "no_host_network")
    assert (finding["change"], finding["since"]) == ("open", DAYS[0])


def test_the_same_audit_with_the_same_earlier_report_gives_the_same_bytes(
    pod: Path, tmp_path: Path
) -> None:
    run("--manifests", pod, "--output", tmp_path / "first", "--on", DAYS[0])
    for name in ("one", "two"):
        run(
            "--manifests", pod, "--output", tmp_path / name, "--on", DAYS[1],
            "--since", tmp_path / "first" / "audit.json",
        )  # fmt: skip
    for name in ("audit.json", *FORMATS):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"kind": "Estate"}', "[" * 100_000])
def test_a_file_that_is_no_report_is_not_overwritten(text: str, pod: Path, tmp_path: Path) -> None:
    (tmp_path / "audit.json").write_text(text, encoding="utf-8")
    answer = run("--manifests", pod, "--output", tmp_path, "--on", DAYS[0])
    assert answer.exit_code == 2
    assert "move the file away" in " ".join(answer.stderr.split())
    assert (tmp_path / "audit.json").read_text(encoding="utf-8") == text
    assert not (tmp_path / "audit.html").exists()


def test_a_named_report_that_is_not_there_is_an_error(pod: Path, tmp_path: Path) -> None:
    answer = run("--manifests", pod, "--since", tmp_path / "none.json")
    assert answer.exit_code == 2
    assert "none.json" in answer.stderr.replace("\n", "")


def test_another_estate_is_not_compared_with_an_error_only_if_somebody_named_it(
    pod: Path, tmp_path: Path
) -> None:
    run("--manifests", pod, "--output", tmp_path, "--on", DAYS[0])
    named = run("--estate", LAB, "--since", tmp_path / "audit.json", "--on", DAYS[1])
    assert named.exit_code == 2
    assert "judged estate" in " ".join(named.stderr.split())
    replaced = run("--estate", LAB, "--output", tmp_path, "--on", DAYS[1])
    assert replaced.exit_code == 0
    assert "not compared" in " ".join(replaced.stderr.split())
    assert written(tmp_path)["trend"] is None


def test_no_part_of_a_file_is_left_behind(pod: Path, tmp_path: Path) -> None:
    run("--manifests", pod, "--output", tmp_path / "kept", "--on", DAYS[0])
    names = {path.name for path in (tmp_path / "kept").iterdir()}
    assert names == {"audit.json", "evidence.json", *FORMATS}


def test_a_pdf_needs_a_directory(pod: Path) -> None:
    answer = run("--manifests", pod, "--pdf")
    assert answer.exit_code == 2


@pytest.mark.parametrize("error", [ModuleNotFoundError("no weasyprint"), OSError("no libpango")])
def test_without_its_library_a_pdf_is_refused_before_anything_is_judged(
    error: Exception, pod: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name == "weasyprint":
            raise error
        return original(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    answer = run("--manifests", pod, "--output", tmp_path / "kept", "--pdf")
    assert answer.exit_code == 2
    assert str(error) in answer.stderr
    assert "xinglin[report]" in answer.stderr.replace("\n", "")
    assert not (tmp_path / "kept").exists()
    assert run("--manifests", pod, "--output", tmp_path / "kept", "--on", DAYS[0]).exit_code == 1


def test_the_formats_of_every_audit_do_without_the_library_of_the_pdf() -> None:
    assert pdf.NAME not in FORMATS
