"""Every command explains itself, ends with a documented code, and never with a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from console.main import app
from console.outcome import Exit, told
from console.prospect import nearest, step_cost
from console.recover import exit_of, new_action
from hospital.errors import (
    DeclarationError,
    HospitalError,
    Problem,
    RefusedError,
    UnavailableError,
    UnsafeError,
)
from hospital.story import ActionKind, ActionPhase, Step, StepKind

ROOT = Path(__file__).parents[2]
LAB = str(ROOT / "stacks" / "estates" / "lab.yaml")
COMMANDS = [
    ["estate", "validate"],
    ["estate", "schema"],
    ["estate", "levels"],
    ["lab", "up"],
    ["lab", "down"],
    ["lab", "status"],
    ["lab", "burn"],
    ["lab", "return"],
    ["recover", "failover"],
    ["recover", "switchover"],
    ["recover", "failback"],
    ["migrate", "plan"],
    ["migrate", "start"],
    ["migrate", "status"],
    ["migrate", "override"],
    ["migrate", "rehearse"],
    ["migrate", "cutover"],
    ["migrate", "rollback"],
    ["migrate", "finalize"],
    ["migrate", "report"],
    ["migrate", "wave"],
    ["migrate", "files"],
    ["evidence", "verify"],
    ["status"],
    ["simulate"],
    ["audit"],
    ["survey"],
    ["policy", "fix"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_shows_an_example(command: list[str]) -> None:
    outcome = CliRunner().invoke(app, [*command, "--help"])
    assert outcome.exit_code == 0
    assert f"xinglin {' '.join(command)}" in outcome.stdout.split("Usage", 1)[1].split("\n", 1)[1]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DeclarationError((Problem("f:1", "a", "b"),)), Exit.USAGE),
        (UnavailableError("hub", "silent"), Exit.SILENT),
        (RefusedError("hub", "no"), Exit.FAILED),
        (UnsafeError("no", remedy="wait"), Exit.UNSAFE),
    ],
)
def test_every_error_of_ours_has_its_exit_code(error: HospitalError, code: Exit) -> None:
    with pytest.raises(typer.Exit) as ended, told():
        raise error
    assert ended.value.exit_code == code


def test_a_sound_declaration_is_shown_and_a_broken_one_is_named(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["estate", "validate", LAB]).exit_code == 0
    broken = tmp_path / "broken.yaml"
    text = Path(LAB).read_text(encoding="utf-8").replace("standbys:", "standbies:", 1)
    broken.write_text(text, encoding="utf-8")
    outcome = CliRunner().invoke(app, ["estate", "validate", "--json", LAB, str(broken)])
    problems = json.loads(outcome.stdout)["problems"]
    assert outcome.exit_code == Exit.USAGE
    assert any("standbys" in problem["remedy"] for problem in problems)
    assert all(problem["where"].startswith(str(broken)) for problem in problems)


def test_the_schema_is_json() -> None:
    outcome = CliRunner().invoke(app, ["estate", "schema"])
    assert json.loads(outcome.stdout)["$schema"].endswith("2020-12/schema")


def test_without_lab_and_identity_the_world_is_said_to_be_silent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XINGLIN_ACCESS", raising=False)
    monkeypatch.setenv("XINGLIN_STATE", str(tmp_path))
    for command in (["status"], ["recover", "failover", "clinical", "--dry-run"]):
        outcome = CliRunner().invoke(app, command)
        assert outcome.exit_code == Exit.SILENT
        assert "xinglin lab up" in outcome.stderr


def test_a_recovery_without_a_reason_is_not_asked_for() -> None:
    outcome = CliRunner().invoke(app, ["recover", "failover", "clinical", "--yes"])
    assert outcome.exit_code == Exit.USAGE
    assert "--reason" in outcome.stderr


def test_the_exit_code_of_a_recovery_is_how_it_ended() -> None:
    action = new_action(ActionKind.FAILOVER, "clinical", target="", reason="fire")
    codes = {phase: exit_of(replace(action, phase=phase)) for phase in ActionPhase}
    assert codes[ActionPhase.COMPLETED] is Exit.OK
    assert codes[ActionPhase.BLOCKED] is Exit.UNSAFE
    assert codes[ActionPhase.REFUSED] is codes[ActionPhase.FAILED] is Exit.FAILED


def test_steps_side_by_side_cost_as_much_as_the_longest() -> None:
    def step(name: str, seconds: float, *after: str) -> Step:
        return Step(name, StepKind.START, name, "cloud", frozenset(after), seconds)

    steps = (step("a", 1.0), step("b", 5.0), step("c", 2.0, "a", "b"), step("d", 1.0, "a"))
    assert step_cost(steps) == pytest.approx(7.0)
    assert step_cost(()) == 0.0
    assert step_cost((step("e", 1.0, "untold"),)) == 0.0


def test_a_step_is_told_to_follow_only_its_nearest() -> None:
    def step(name: str, *after: str) -> Step:
        return Step(name, StepKind.START, name, "cloud", frozenset(after), 1.0)

    found = nearest((step("a"), step("b", "a"), step("c", "a", "b")))
    assert found == {"a": (), "b": ("a",), "c": ("b",)}


def test_levels_tells_who_claims_more_than_is_reached(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["estate", "levels", LAB, "--json"])
    assert outcome.exit_code == Exit.OK
    assert {each["reached"] for each in json.loads(outcome.stdout)["workloads"]} == {6}
    slow = tmp_path / "slow.yaml"
    slow.write_text(Path(LAB).read_text(encoding="utf-8").replace("automatic", "confirm"))
    outcome = CliRunner().invoke(app, ["estate", "levels", str(slow)])
    assert outcome.exit_code == Exit.FAILED
    assert "a person must start the takeover" in outcome.stdout


def test_an_audit_of_files_imports_no_sdk(tmp_path: Path) -> None:
    """Their import takes several times as long as judging a thousand objects."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"hostPID": True}}
    (tmp_path / "pod.json").write_text(json.dumps(pod), encoding="utf-8")
    program = (
        "import atexit, sys; from console.main import app;"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr));"
        f"app(['audit', '--manifests', {str(tmp_path)!r}, '--json'])"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (1, "refused")
    slow = {"kubernetes", "boto3", "openstack", "pulumi", "jinja2", "supervisor", "httpx"}
    assert slow & {*done.stderr.split()} == set()


def test_a_word_that_is_no_command_names_the_near_one() -> None:
    outcome = CliRunner().invoke(app, ["audi"])
    assert (outcome.exit_code, "'audit'" in outcome.stderr) == (2, True)
