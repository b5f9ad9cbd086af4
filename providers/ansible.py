"""Playbooks on hosts, through ansible-runner: run one, or see what it would change.

Every run has a private data directory of its own, named by the run, whose artifacts stay
as evidence. Secrets are read by the playbook itself from the access directory and must
never be among the variables or in an artifact: tasks that touch them carry ``no_log``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import ansible_runner
from ansible_runner import exceptions as runner_errors

from hospital.errors import DeclarationError, Problem, RefusedError, UnavailableError
from providers.access import Access

PLAYBOOKS = Path(__file__).resolve().parents[1] / "playbooks"
Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """One task that came to an end at one host."""

    host: str
    task: str
    changed: bool


@dataclass(frozen=True, slots=True)
class PlaybookRun:
    """What a playbook did, host by host."""

    id: str
    playbook: str
    changed: Mapping[str, int]  # host id → tasks that changed (or would, in check mode)
    changes: Mapping[str, tuple[str, ...]]  # host id → the names of those tasks
    facts: Mapping[str, Plain]  # host id → effective settings that a playbook reported
    artifacts: Path  # directory with every event of the run
    missed: Mapping[str, str]  # host id → why it was not reached or failed, where that is allowed

    @property
    def total_changed(self) -> int:
        """Changes at all hosts together; 0 is what a second run must report."""
        return sum(self.changed.values())


@contextmanager
def answers(playbook: str) -> Iterator[None]:
    """Translate every exception of ansible-runner; failed tasks are judged by ``run``."""
    try:
        yield
    except runner_errors.ConfigurationError as error:
        raise DeclarationError((Problem(playbook, "ansible-runner", str(error)),)) from error
    except runner_errors.AnsibleRunnerException as error:
        raise RefusedError(playbook, str(error) or type(error).__name__) from error
    except OSError as error:
        raise UnavailableError(playbook, str(error)) from error


class AnsibleHands:
    """Runs our playbooks; ``evidence`` is the directory that keeps the artifacts of each run."""

    def __init__(
        self, access: Access, *, evidence: Path, forks: int = 20, playbooks: Path = PLAYBOOKS
    ) -> None:
        self._access = access
        self._evidence = evidence
        self._forks = forks
        self._playbooks = playbooks

    def run(
        self,
        playbook: str,
        *,
        inventory: Plain,
        variables: Mapping[str, Any] | None = None,
        limit: tuple[str, ...] = (),
        check: bool = False,
        partial: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> PlaybookRun:
        """Run ``playbook`` (a file name without directory) on ``inventory``.

        The inventory is that of ``hospital.inventory``; ``limit`` narrows it to host ids;
        ``check`` changes nothing and counts what would change. UnavailableError names
        hosts that were not reached, RefusedError the first task that failed; with ``partial``
        such hosts are ``missed`` in the result, beside what the others did.
        """
        if not (self._playbooks / playbook).is_file():
            raise DeclarationError((Problem(playbook, "playbook", "there is no such playbook"),))
        run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{Path(playbook).stem}-{uuid4().hex[:6]}"
        private = self._evidence / run_id
        private.mkdir(parents=True, mode=0o700)
        ledger = _Ledger(on_progress)
        words = ["--check", "--diff"] if check else []
        with answers(playbook):
            ansible_runner.run(
                private_data_dir=str(private),
                project_dir=str(self._playbooks),
                playbook=playbook,
                ident=run_id,
                inventory=inventory,
                extravars=self._variables(variables or {}),
                envvars=_environment(self._playbooks),
                cmdline=" ".join([*words, "--forks", str(self._forks)]),
                limit=",".join(limit) or None,
                event_handler=ledger.note,
                quiet=True,
                suppress_env_files=True,
            )
        ledger.judge(playbook, partial=partial)
        return ledger.result(run_id, playbook, private / "artifacts" / run_id)

    def _variables(self, variables: Mapping[str, Any]) -> Plain:
        return {
            **variables,
            "access_directory": str(self._access.directory),
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self._access.path("ssh_key")),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={self._access.path('known_hosts')}",
        }


@dataclass(slots=True)
class _Ledger:
    """Keeps what the events of one run say."""

    on_progress: Callable[[Progress], None] | None
    statistics: Plain = field(default_factory=dict)
    changes: dict[str, list[str]] = field(default_factory=dict)
    facts: dict[str, Plain] = field(default_factory=dict)
    failures: list[tuple[str, str, str]] = field(default_factory=list)  # host, task, message
    unreached: list[tuple[str, str]] = field(default_factory=list)  # host, message
    trouble: list[str] = field(default_factory=list)  # said before any task ran

    def note(self, event: Plain) -> bool:
        """One event of ansible-runner; True keeps it among the artifacts."""
        kind, data = event.get("event", ""), event.get("event_data") or {}
        if kind == "playbook_on_stats":
            self.statistics = data
        elif kind == "runner_on_ok":
            self._done(data)
        elif kind == "runner_on_failed" and not data.get("ignore_errors"):
            self.failures.append((data["host"], data.get("task", ""), _message(data)))
        elif kind == "runner_on_unreachable":
            self.unreached.append((data["host"], _message(data)))
        elif kind in {"verbose", "error"} and "ERROR" in event.get("stdout", ""):
            self.trouble.append(event["stdout"])
        return True

    def _done(self, data: Plain) -> None:
        result = data.get("res") or {}
        host, task, changed = data["host"], data.get("task", ""), bool(result.get("changed"))
        if changed:
            self.changes.setdefault(host, []).append(task)
        if task.endswith("Report the effective settings"):
            self.facts[host] = json.loads(result.get("stdout") or "{}")
        if self.on_progress:
            self.on_progress(Progress(host, task, changed))

    def judge(self, playbook: str, *, partial: bool = False) -> None:
        """Raise what went wrong, naming host and task; ``partial``: only what hit the whole run."""
        if self.unreached and not partial:
            message = "; ".join(f"{host}: {text}" for host, text in self.unreached)
            raise UnavailableError(playbook, message)
        if self.failures and not partial:
            host, task, text = self.failures[0]
            raise RefusedError(host, f"{playbook}: task {task!r} failed: {text}")
        if not self.statistics:
            raise RefusedError(playbook, " ".join(self.trouble) or "it ended without a summary")

    def result(self, run_id: str, playbook: str, artifacts: Path) -> PlaybookRun:
        """The run as values; hosts without a change are named too."""
        hosts = sorted(self.statistics.get("processed", {}))
        counted = self.statistics.get("changed", {})
        return PlaybookRun(
            id=run_id,
            playbook=playbook,
            changed={host: int(counted.get(host, 0)) for host in hosts},
            changes={host: tuple(self.changes.get(host, ())) for host in hosts},
            facts=self.facts,
            artifacts=artifacts,
            missed={host: text for host, *_, text in (*self.failures, *self.unreached)},
        )


def _environment(playbooks: Path) -> dict[str, str]:
    # Ours first: the ansible that the lock pins, not one that happens to be on PATH.
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    return {"ANSIBLE_CONFIG": str(playbooks / "ansible.cfg"), "PATH": path}


def _message(data: Plain) -> str:
    """What a host said about a task that did not work; of a loop, its first such item."""
    result = data.get("res") or {}
    for item in result.get("results", ()):
        if item.get("failed") or item.get("unreachable"):
            result = item
            break
    parts = [str(result.get(key, "")).strip() for key in ("msg", "stderr", "stdout")]
    return " ".join(part for part in parts if part) or "no message (the task's output is secret)"
