"""Commands on hosts: how ssh is called, and what becomes of its ways to fail."""

from __future__ import annotations

import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from hospital.errors import DeclarationError, HospitalError, RefusedError, UnavailableError
from providers.access import Access
from providers.ssh import Ssh, answers


@pytest.fixture
def access(tmp_path: Path) -> Access:
    for name in ("ssh_key", "known_hosts"):
        (tmp_path / name).write_text("", encoding="utf-8")
    return Access(tmp_path)


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program called ssh that plays what its test writes into it."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", str(program.parent))
    return program


def plays(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


SUBPROCESS_ERRORS: list[Exception] = [
    subprocess.TimeoutExpired("ssh", 1.0),
    subprocess.CalledProcessError(1, "ssh"),
    subprocess.SubprocessError("said"),
    FileNotFoundError("ssh"),
    PermissionError("ssh"),
]


@pytest.mark.parametrize("error", SUBPROCESS_ERRORS, ids=lambda one: type(one).__name__)
def test_every_way_to_fail_to_start_a_program_becomes_an_error_of_ours(error: Exception) -> None:
    with pytest.raises(HospitalError, match=r"10\.3\.0\.11"), answers("10.3.0.11"):
        raise error


def test_no_exception_class_of_subprocess_is_left_out() -> None:
    found = {one for one in vars(subprocess).values() if isinstance(one, type)}
    errors = {one for one in found if issubclass(one, Exception)}
    assert errors <= {type(error) for error in SUBPROCESS_ERRORS}


def test_a_host_key_is_always_checked_against_the_access_directory(
    access: Access, client: Path
) -> None:
    plays(client, 'printf "%s\\n" "$@"')
    with closing(Ssh(access, user="xinglin-recovery")) as ssh:
        words = ssh.run("10.3.0.11", "status 10.1.0.11").output.splitlines()
    assert words[-2:] == ["xinglin-recovery@10.3.0.11", "status 10.1.0.11"]
    assert "StrictHostKeyChecking=yes" in words
    assert f"UserKnownHostsFile={access.directory / 'known_hosts'}" in words
    assert "BatchMode=yes" in words


def test_a_commands_own_exit_code_is_an_answer(access: Access, client: Path) -> None:
    plays(client, "echo said; echo trouble >&2; exit 2")
    with closing(Ssh(access, user="u")) as ssh:
        answer = ssh.run("10.3.0.11", "x")
    assert (answer.code, answer.output, answer.errors) == (2, "said\n", "trouble\n")


def test_no_connection_may_be_tried_again_and_says_why(access: Access, client: Path) -> None:
    plays(client, 'echo "Host key verification failed." >&2; exit 255')
    said = r"10\.3\.0\.11: Host key verification failed"
    with closing(Ssh(access, user="u")) as ssh, pytest.raises(UnavailableError, match=said):
        ssh.run("10.3.0.11", "x")


def test_a_host_that_hangs_is_given_up_in_time(access: Access, client: Path) -> None:
    plays(client, 'case "$*" in *-O*) exit 0;; esac; exec /bin/sleep 5')
    ssh = Ssh(access, user="u", timeout=timedelta(milliseconds=100))
    with closing(ssh), pytest.raises(UnavailableError, match=r"no answer within 0\.1 s"):
        ssh.run("10.3.0.11", "x")


def test_a_machine_without_the_client_says_so(access: Access, client: Path) -> None:
    missing = "OpenSSH client is not installed"
    with closing(Ssh(access, user="u")) as ssh, pytest.raises(RefusedError, match=missing):
        ssh.run("10.3.0.11", "x")


def test_an_identity_without_a_key_is_told_which_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="ssh_key"):
        Ssh(Access(tmp_path), user="u")
