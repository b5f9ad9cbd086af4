"""``xinglin migrate`` writes what a person asks for, asks before danger, and tells how it ended."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from moving import MemoryDesk, Operator, desk_and_operator
from typer.testing import CliRunner

from console import compared, following, migrate
from console.main import app
from console.outcome import Exit
from hospital.errors import UnavailableError
from hospital.move import Bounds, Migration, Phase, Verb

REASON = ("--reason", "the old servers are retired")


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> tuple[MemoryDesk, Operator]:
    desk, operator = desk_and_operator()
    for module in (migrate, compared):
        monkeypatch.setattr(module, "sit_down", lambda identity: desk)
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(following, "BLOCKED_SECONDS", 0.0)
    return desk, operator


Lab = tuple[MemoryDesk, Operator]


def run(*words: str, says: str = "") -> Result:
    return CliRunner().invoke(app, ["migrate", *words], input=says, catch_exceptions=False)


def told(*words: str) -> dict[str, Any]:
    outcome = run(*words, "--json")
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def only(lab: Lab) -> Migration:
    (found,) = lab[1].hub.migrations()
    return found


def begin(lab: Lab, to: str = "campus-arm") -> Migration:
    assert run("start", "his", "--to", to, "--yes", "--soak", "1s", *REASON).exit_code == Exit.OK
    return only(lab)


def test_a_plan_tells_checks_and_hazards_and_writes_nothing(lab: Lab) -> None:
    found = told("plan", "his", "--to", "campus-arm")
    assert (found["method"], found["database"]) == ("logical", "hospital-db-arm")
    assert {each["outcome"] for each in found["checks"]} >= {"pass", "unknown"}
    assert any("recovery does not move" in each["en"] for each in found["hazards"])
    assert found["expected"]["perGib"]
    assert lab[1].hub.migrations() == ()
    shown = run("plan", "his", "--to", "campus-arm")
    assert "nothing was written" in shown.stdout
    assert "not covered" in shown.stdout


def test_a_plan_within_the_own_cluster_copies_nothing(lab: Lab) -> None:
    found = told("plan", "his", "--to", "cloud")
    assert (found["method"], found["expected"]["copySeconds"]) == ("physical", 0.0)
    assert any("emr" in each["en"] for each in found["hazards"])


def test_a_plan_says_what_the_rules_would_refuse_once_it_is_there(lab: Lab) -> None:
    """A move to a database without a second site may begin; the next preview would refuse it."""
    rules = {
        to: next(
            each for each in told("plan", "his", "--to", to)["checks"]
            if each["id"] == "policy_findings"
        )
        for to in ("campus-arm", "cloud")
    }  # fmt: skip
    assert rules["campus-arm"]["outcome"] == "fail"
    assert "second_site Workload/his-campus-arm" in rules["campus-arm"]["seen"]["en"]
    assert rules["cloud"]["outcome"] in ("warning", "pass")
    assert "second_site" not in rules["cloud"]["seen"]["en"]
    assert run("plan", "his", "--to", "campus-arm").exit_code == Exit.OK


def test_a_plan_of_what_is_not_declared_says_what_to_add(lab: Lab) -> None:
    outcome = run("plan", "emr", "--to", "campus-arm")
    assert outcome.exit_code == Exit.USAGE
    assert "{workload: emr, to: campus-arm, database: hospital-db-arm}" in outcome.stderr


def test_a_start_asks_first_and_a_no_writes_nothing(lab: Lab) -> None:
    outcome = run("start", "his", "--to", "cloud", *REASON, says="n\n")
    assert outcome.exit_code == Exit.UNSAFE
    assert lab[1].hub.migrations() == ()


def test_a_start_keeps_who_why_and_within_what(lab: Lab) -> None:
    words = (
        "--max-lag",
        "2s",
        "--soak",
        "10s",
        "--throttle",
        "20M",
        "--slowdown",
        "5",
        "--yes",
        *REASON,
    )
    assert run("start", "his", "--to", "campus-arm", *words).exit_code == Exit.OK
    found = only(lab)
    bounds = found.bounds
    assert (bounds.lag_seconds, bounds.soak_seconds) == (2.0, 10.0)
    assert (bounds.throttle_bytes_per_second, bounds.slowdown_percent) == (20_000_000, 5)
    assert (found.source, found.target, found.database) == (
        "campus-x86", "campus-arm", "hospital-db-arm",
    )  # fmt: skip
    assert found.reason == REASON[1]
    assert found.phase is Phase.SYNC


def test_a_start_without_bounds_takes_those_of_the_kind(lab: Lab) -> None:
    assert run("start", "his", "--to", "campus-arm", "--yes", *REASON).exit_code == Exit.OK
    assert only(lab).bounds == Bounds()


@pytest.mark.parametrize("word", ["start", "rehearse", "cutover", "rollback", "finalize"])
def test_what_changes_something_needs_a_reason(lab: Lab, word: str) -> None:
    more = ("--to", "cloud") if word == "start" else ()
    outcome = run(word, "his", *more, "--yes")
    assert outcome.exit_code == Exit.USAGE
    assert "--reason" in outcome.stderr


@pytest.mark.parametrize("words", [("--soak", "5"), ("--throttle", "fast"), ("--max-lag", "x")])
def test_a_quantity_without_a_unit_is_not_guessed(lab: Lab, words: tuple[str, str]) -> None:
    outcome = run("start", "his", "--to", "cloud", "--yes", *REASON, *words)
    assert outcome.exit_code == Exit.USAGE
    assert lab[1].hub.migrations() == ()


def test_a_whole_migration_there_and_its_end(lab: Lab) -> None:
    begin(lab)
    assert run("rehearse", "his", "--yes", *REASON).exit_code == Exit.OK
    assert run("cutover", "his", "--yes", *REASON).exit_code == Exit.OK
    assert only(lab).phase is Phase.REVERSE
    assert run("finalize", "his", "--yes", *REASON).exit_code == Exit.OK
    assert only(lab).phase is Phase.COMPLETED


def test_a_rollback_after_the_cutover(lab: Lab) -> None:
    begin(lab, to="cloud")
    assert run("rehearse", "his", "--yes", *REASON).exit_code == Exit.OK
    assert run("cutover", "his", "--yes", *REASON).exit_code == Exit.OK
    found = told("rollback", "his", "--yes", *REASON)
    assert found["phase"] == "RolledBack"
    assert found["order"]["verb"] == "rollback"


def test_a_cutover_without_a_rehearsal_waits_unless_forced(lab: Lab) -> None:
    begin(lab)
    outcome = run("cutover", "his", "--yes", *REASON)
    assert outcome.exit_code == Exit.UNSAFE
    assert "no rehearsal has passed" in outcome.stderr
    assert run("cutover", "his", "--force", "--yes", *REASON).exit_code == Exit.OK
    assert only(lab).phase is Phase.REVERSE


def test_a_rehearsal_that_did_not_pass_is_a_failure(lab: Lab) -> None:
    begin(lab)
    lab[1].passes = False
    assert run("rehearse", "his", "--yes", *REASON).exit_code == Exit.FAILED


def test_an_order_out_of_turn_is_turned_down(lab: Lab) -> None:
    begin(lab)
    outcome = run("finalize", "his", "--yes", *REASON)
    assert outcome.exit_code == Exit.FAILED
    assert "no finalize in phase Sync" in outcome.stderr


@pytest.mark.parametrize(
    ("word", "warning"),
    [("cutover", "writes pause for about"), ("finalize", "THE POINT OF NO RETURN")],
)
def test_a_person_is_told_what_it_means_before_it_is_ordered(
    lab: Lab, word: str, warning: str
) -> None:
    begin(lab)
    if word == "finalize":
        run("rehearse", "his", "--yes", *REASON)
        run("cutover", "his", "--yes", *REASON)
    before = only(lab).order
    outcome = run(word, "his", *REASON, says="n\n")
    assert outcome.exit_code == Exit.UNSAFE
    assert warning in " ".join(outcome.stderr.split())
    assert only(lab).order == before


def test_failing_checks_block_until_they_are_taken_on_by_name(lab: Lab) -> None:
    lab[1].failing = ("replica_identity",)
    outcome = run("start", "his", "--to", "campus-arm", "--yes", *REASON)
    assert outcome.exit_code == Exit.UNSAFE
    assert run("override", "his", "no_such_check", "--yes", *REASON).exit_code == Exit.USAGE
    assert run("override", "his", "replica_identity", "--yes", *REASON).exit_code == Exit.OK
    (taken,) = only(lab).overrides
    assert (taken.check, taken.reason) == ("replica_identity", REASON[1])


def test_status_shows_all_and_one_with_its_steps_and_lag(lab: Lab) -> None:
    assert "no migration" in run("status").stdout
    name = begin(lab).name
    assert [each["name"] for each in told("status")["migrations"]] == [name]
    one = told("status", "his")
    assert (one["name"], one["lagSeconds"]) == (name, 0.1)
    assert "CopyData" in {step["id"] for step in one["steps"]}
    shown = run("status", "his").stdout
    assert "CatchUp" in shown
    assert "rehearse | cutover | rollback" in shown
    assert run("status", "nothing").exit_code == Exit.USAGE


def test_a_second_migration_of_a_workload_is_refused(lab: Lab) -> None:
    begin(lab)
    outcome = run("start", "his", "--to", "cloud", "--yes", *REASON)
    assert outcome.exit_code == Exit.USAGE
    assert "is under way" in outcome.stderr


def test_a_workload_names_only_its_unfinished_migration(lab: Lab) -> None:
    begin(lab, to="cloud")
    run("rollback", "his", "--yes", *REASON)
    outcome = run("cutover", "his", "--yes", *REASON)
    assert outcome.exit_code == Exit.USAGE
    assert "no unfinished migration" in outcome.stderr


def test_a_later_order_is_later_whatever_the_clock_says(lab: Lab) -> None:
    begin(lab)
    hub = lab[1].hub
    found = only(lab)
    order = migrate.orders.ordered(found, Verb.REHEARSE, reason="x")
    hub.order(found.name, replace(order, at=3e9))
    assert migrate.orders.ordered(only(lab), Verb.CUTOVER, reason="y").at > 3e9


def test_a_hub_that_is_silent_for_a_minute_ends_the_following(lab: Lab) -> None:
    found = begin(lab)
    moments = iter([0.0, 30.0, 61.0])

    def silent() -> Any:
        raise UnavailableError("hub", "no quorum")

    with pytest.raises(UnavailableError):
        following.follow(
            silent, found.name, screen=migrate.stderr, clock=lambda: next(moments),
            sleep=lambda _: None,
        )  # fmt: skip


def test_the_report_of_a_rehearsal_is_written_for_people_and_programs(
    lab: Lab, tmp_path: Path
) -> None:
    begin(lab)
    assert run("report", "his").exit_code == Exit.FAILED
    run("rehearse", "his", "--yes", *REASON)
    outcome = run("report", "his", "--out", str(tmp_path))
    assert outcome.exit_code == Exit.OK, outcome.stderr
    data = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert data["emulated"] is True
    assert data["endpoints"][0]["pace"] == "slower"
    assert data["rows"][0]["compared"] == 600
    page = (tmp_path / "comparison.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert page.count('class="curve source"') == 1
    assert page.count('class="curve target"') == 2
    assert "emulat" in page
