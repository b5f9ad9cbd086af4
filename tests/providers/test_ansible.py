"""Playbooks: what ansible-runner can raise, and what its events come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_runner import exceptions as sdk

from hospital.errors import DeclarationError, HospitalError, RefusedError, UnavailableError
from providers.access import Access
from providers.ansible import AnsibleHands, Progress, _Ledger, answers

CLASSES = [
    one for one in vars(sdk).values() if isinstance(one, type) and issubclass(one, Exception)
]


@pytest.mark.parametrize("kind", [*CLASSES, OSError], ids=lambda one: one.__name__)
def test_every_exception_of_the_runner_becomes_one_of_ours(kind: type[Exception]) -> None:
    with pytest.raises(HospitalError, match="some playbook"), answers("some playbook"):
        raise kind("said")


def event(kind: str, host: str = "db-1", task: str = "a task", **result: Any) -> dict[str, Any]:
    return {"event": kind, "event_data": {"host": host, "task": task, "res": result}}


def ended(changed: dict[str, int], *hosts: str) -> dict[str, Any]:
    processed = dict.fromkeys(hosts, 1)
    return {
        "event": "playbook_on_stats",
        "event_data": {"changed": changed, "processed": processed},
    }


def played(*events: dict[str, Any]) -> _Ledger:
    ledger = _Ledger(None)
    for one in events:
        assert ledger.note(one), "every event stays among the artifacts"
    return ledger


def test_changes_are_counted_and_named_for_each_host() -> None:
    ledger = played(
        event("runner_on_ok", task="write", changed=True),
        event("runner_on_ok", "edge-1", "write", changed=False),
        ended({"db-1": 1}, "db-1", "edge-1"),
    )
    ledger.judge("x.yml")
    run = ledger.result("run-1", "x.yml", Path("artifacts"))
    assert run.changed == {"db-1": 1, "edge-1": 0}
    assert run.changes == {"db-1": ("write",), "edge-1": ()}
    assert run.total_changed == 1


def test_settings_that_a_host_reports_are_kept_as_values() -> None:
    said = '{"sshd_password_authentication": "no"}'
    ledger = played(
        event("runner_on_ok", task="harden : Report the effective settings", stdout=said)
    )
    assert ledger.facts == {"db-1": {"sshd_password_authentication": "no"}}


def test_a_failed_task_is_refused_with_its_host_and_name() -> None:
    ledger = played(event("runner_on_failed", task="write", msg="no space left"), ended({}, "db-1"))
    with pytest.raises(RefusedError, match=r"db-1: x\.yml: task 'write' failed: no space left"):
        ledger.judge("x.yml")


def test_a_failure_that_the_playbook_ignores_is_none() -> None:
    failed = event("runner_on_failed", msg="as expected")
    failed["event_data"]["ignore_errors"] = True
    played(failed, ended({}, "db-1")).judge("x.yml")


def test_a_secret_tasks_failure_says_that_it_is_secret() -> None:
    ledger = played(event("runner_on_failed", task="write", censored="hidden"), ended({}, "db-1"))
    with pytest.raises(RefusedError, match="output is secret"):
        ledger.judge("x.yml")


def test_a_loop_that_failed_tells_what_its_first_failed_item_said() -> None:
    items = [{"failed": False, "msg": "fine"}, {"failed": True, "msg": "no space left"}]
    failed = event("runner_on_failed", msg="All items completed", results=items)
    with pytest.raises(RefusedError, match="failed: no space left"):
        played(failed, ended({}, "db-1")).judge("x.yml")


def test_hosts_out_of_reach_are_all_named_and_may_be_tried_again() -> None:
    ledger = played(
        event("runner_on_unreachable", "db-1", msg="no route"),
        event("runner_on_unreachable", "edge-1", msg="refused"),
        ended({}, "db-1", "edge-1"),
    )
    with pytest.raises(UnavailableError, match="db-1: no route; edge-1: refused"):
        ledger.judge("x.yml")


def test_a_run_that_ends_before_it_began_says_what_was_said() -> None:
    ledger = played({"event": "verbose", "stdout": "ERROR! Syntax Error"})
    with pytest.raises(RefusedError, match="Syntax Error"):
        ledger.judge("x.yml")


def test_progress_is_told_as_tasks_end() -> None:
    told: list[Progress] = []
    ledger = _Ledger(told.append)
    ledger.note(event("runner_on_ok", task="write", changed=True))
    assert told == [Progress("db-1", "write", changed=True)]


def test_a_playbook_that_does_not_exist_is_named(tmp_path: Path) -> None:
    hands = AnsibleHands(Access(tmp_path), evidence=tmp_path / "evidence")
    with pytest.raises(DeclarationError, match=r"no_such\.yml"):
        hands.run("no_such.yml", inventory={})
    assert not (tmp_path / "evidence").exists()


def test_where_a_part_is_allowed_hosts_that_fail_or_are_not_reached_are_missed() -> None:
    ledger = played(
        event("runner_on_ok", "db-1", "survey : Report the effective settings", stdout="{}"),
        event("runner_on_unreachable", "edge-1", msg="no route"),
        event("runner_on_failed", "edge-2", "read", msg="no space left"),
        ended({}, "db-1", "edge-1", "edge-2"),
    )
    ledger.judge("x.yml", partial=True)
    run = ledger.result("run-1", "x.yml", Path("artifacts"))
    assert run.facts == {"db-1": {}}
    assert run.missed == {"edge-1": "no route", "edge-2": "no space left"}


def test_a_run_that_never_began_is_refused_even_where_a_part_is_allowed() -> None:
    with pytest.raises(RefusedError, match="without a summary"):
        played().judge("x.yml", partial=True)
