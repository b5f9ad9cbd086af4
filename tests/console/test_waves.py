"""``xinglin migrate wave`` shows its plan, starts one wave, and goes on where it ended."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from moving import MemoryDesk, Operator, desk_and_operator, estate
from typer.testing import CliRunner

from console import following, migrate, waves
from console.main import app
from console.outcome import Exit
from hospital.estate import DeclaredMigration
from hospital.move import Phase

REASON = ("--reason", "the old hall is given up")
ARM = ("--to", "campus-arm")


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> tuple[MemoryDesk, Operator]:
    found = estate()
    more = tuple(
        DeclaredMigration(name, "campus-arm", "hospital-db-arm")
        for name in ("emr", "identity", "integration")
    )
    desk, operator = desk_and_operator(replace(found, migrations=(*found.migrations, *more)))
    for module in (migrate, waves):
        monkeypatch.setattr(module, "sit_down", lambda identity: desk)
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(following, "BLOCKED_SECONDS", 0.0)
    return desk, operator


def run(*words: str, says: str = "") -> Result:
    return CliRunner().invoke(
        app, ["migrate", "wave", *words], input=says, catch_exceptions=False
    )  # fmt: skip


def planned(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*words, "--dry-run", "--json").stdout)
    return found


def test_what_is_called_moves_before_what_calls_it(
    lab: tuple[MemoryDesk, Operator],
) -> None:
    found = planned(*ARM, "his", "integration", "identity", "--concurrent", "1")
    order = [name for wave in found["waves"] for name in wave["workloads"]]
    assert order.index("identity") < order.index("his")
    assert order.index("integration") < order.index("his")
    assert lab[1].hub.migrations() == ()


def test_a_no_starts_nothing(lab: tuple[MemoryDesk, Operator]) -> None:
    assert run(*ARM, "his", *REASON, says="n\n").exit_code == Exit.UNSAFE
    assert lab[1].hub.migrations() == ()


def test_the_first_wave_is_started_and_the_next_only_when_it_lives_there(
    lab: tuple[MemoryDesk, Operator],
) -> None:
    desk, operator = lab
    words = (*ARM, "his", "identity", "integration", "--concurrent", "2", "--yes", *REASON)
    assert run(*words).exit_code == Exit.OK
    first = {each.workload for each in operator.hub.migrations()}
    assert first == {"identity", "integration"}
    assert all(each.phase is Phase.SYNC for each in operator.hub.migrations())

    assert run(*words).exit_code == Exit.OK  # again: nothing is started twice
    assert len(operator.hub.migrations()) == 2

    for name in first:
        cut = ("migrate", "cutover", name, "--force", "--yes", *REASON)
        assert CliRunner().invoke(app, [*cut], catch_exceptions=False).exit_code == Exit.OK
        desk.hub().set_active(subject=name, site="campus-arm")
    outcome = run(*words)
    assert outcome.exit_code == Exit.OK
    assert "is there already" in outcome.stdout
    assert {each.workload for each in operator.hub.migrations()} == {*first, "his"}


def test_a_workload_of_the_same_cluster_waits_for_the_first(
    lab: tuple[MemoryDesk, Operator],
) -> None:
    outcome = run("--to", "cloud", "emr", "lis", "--yes", *REASON)
    assert outcome.exit_code == Exit.UNSAFE
    assert "is under way" in outcome.stderr
    assert len(lab[1].hub.migrations()) == 1


def test_no_cutover_is_planned_into_clinic_hours_but_what_is_forced_by_name(
    lab: tuple[MemoryDesk, Operator], tmp_path: Path
) -> None:
    calendar = tmp_path / "calendar.yaml"
    calendar.write_text(
        "begins: 2026-11-30T09:00\n"  # a Monday
        "freezes:\n"
        '  - {name: clinic hours, from: "07:30", to: "18:00", weekdays: [mon, tue]}\n'
        "forced:\n"
        "  - {workload: emr, by: the director, reason: the hall is flooded}\n",
        encoding="utf-8",
    )
    words = ("--calendar", str(calendar))
    (wave,) = planned(*ARM, "his", *words)["waves"]
    assert wave["cutovers"][0]["at"] == "2026-11-30T18:00:00"
    (wave,) = planned(*ARM, "emr", *words)["waves"]
    assert wave["cutovers"][0]["at"] < "2026-11-30T10"
    assert wave["cutovers"][0]["forced"]["by"] == "the director"


@pytest.mark.parametrize(
    "line",
    [
        'freezes: [{name: x, from: "25:00", to: "18:00"}]',
        'freezes: [{name: x, from: "07:30"}]',
        'freezes: [{name: x, form: "07:30", to: "18:00"}]',
        "begins: tomorrow",
        "begins: 2026-11-30T09:00Z",
    ],
)
def test_a_calendar_is_never_guessed(
    lab: tuple[MemoryDesk, Operator], tmp_path: Path, line: str
) -> None:
    calendar = tmp_path / "calendar.yaml"
    calendar.write_text(line + "\n", encoding="utf-8")
    outcome = run(*ARM, "his", "--calendar", str(calendar), "--dry-run")
    assert outcome.exit_code == Exit.USAGE
    assert f"{calendar}:1:" in outcome.stderr.replace("\n", "")
