"""``xinglin migrate files`` as a person runs it: against a real server, killed and run again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from console.transfer import files
from lab import toolchain
from lab.places import Places
from lab.storage import Storage, storage

app = typer.Typer()
app.command()(files)
PROGRAM = "import typer; from console.transfer import files; typer.run(files)"
UNREACHABLE = ("--endpoint", "http://127.0.0.1:9")


@dataclass
class Desk:
    """Words of the command line that are always the same."""

    source: Path
    root: Path
    server: Storage

    @property
    def words(self) -> tuple[str, ...]:
        return (str(self.source), "s3://images/archive", "--endpoint", self.server.endpoint)

    @property
    def keys(self) -> dict[str, str]:
        known = self.server.credentials
        keys = {"AWS_ACCESS_KEY_ID": known.access_key, "AWS_SECRET_ACCESS_KEY": known.secret_key}
        return {**os.environ, **keys}

    def run(self, *options: str, answer: str = "") -> tuple[int, str, str]:
        result = CliRunner().invoke(app, [*self.words, *options], env=self.keys, input=answer)
        return result.exit_code, result.stdout, result.stderr

    def stored(self) -> int:
        kept = (self.root / "images" / "archive").rglob("*")
        return sum(path.is_file() for path in kept)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    toolchain.have(toolchain.RCLONE, Places.from_environment())
    source, root = tmp_path / "pacs", tmp_path / "root"
    source.mkdir()
    (root / "images").mkdir(parents=True)
    for number in range(200):
        (source / f"{number}.dcm").write_bytes(os.urandom(16 << 10))
    with storage(root, Places.from_environment()) as server:
        yield Desk(source, root, server)


@pytest.mark.lab
def test_a_first_run_plans_copies_and_verifies(desk: Desk) -> None:
    code, out, err = desk.run("--verify", "--bandwidth", "1G")
    assert code == 0
    assert "200" in err
    assert "complete, every file verified" in out
    assert desk.stored() == 200


@pytest.mark.lab
def test_json_is_all_of_standard_output(desk: Desk) -> None:
    code, out, _ = desk.run("--verify", "--json")
    told = json.loads(out)
    assert (code, told["verdict"], told["copied"]["files"]) == (0, "complete", 200)
    assert told["copied"]["bytes"] == 200 * (16 << 10)
    assert told["compared"]["equal"] == 200


@pytest.mark.lab
def test_a_delta_tells_what_is_gone_and_deletes_only_what_was_agreed_to(desk: Desk) -> None:
    desk.run()
    (desk.source / "7.dcm").unlink()
    (desk.source / "new.dcm").write_bytes(b"x")
    code, out, _ = desk.run("--delta", "--json")
    told = json.loads(out)
    assert (code, told["copied"]["files"], told["deleted"]) == (0, 1, 0)
    assert told["compared"]["gone"] == {"count": 1, "first": ["7.dcm"]}
    _, out, err = desk.run("--delta", "--mirror", answer="n\n")
    assert "7.dcm" in err
    assert desk.stored() == 201
    _, out, _ = desk.run("--delta", "--mirror", "--json", "--yes")
    assert json.loads(out)["deleted"] == 1
    assert desk.stored() == 200


@pytest.mark.lab
def test_what_was_left_out_is_not_called_done(desk: Desk) -> None:
    (desk.source / "link.dcm").symlink_to("1.dcm")
    code, out, err = desk.run()
    assert (code, "incomplete" in out, "link.dcm" in err) == (1, True, True)


@pytest.mark.lab
@pytest.mark.timeout(120)
def test_a_killed_command_leaves_no_mover_behind_and_goes_on(desk: Desk) -> None:
    command = [sys.executable, "-c", PROGRAM, *desk.words, "--bandwidth", "256K"]
    process = subprocess.Popen(command, env=desk.keys, stderr=subprocess.DEVNULL)
    while desk.stored() < 20:
        assert process.poll() is None
        time.sleep(0.05)
    (mover,) = _children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    while Path(f"/proc/{mover}/stat").exists():
        time.sleep(0.05)
    before = desk.stored()
    assert 20 <= before < 200
    code, out, _ = desk.run("--verify", "--json")
    told = json.loads(out)
    assert (code, told["verdict"]) == (0, "complete")
    assert (told["equalBefore"], told["copied"]["files"]) == (before, 200 - before)


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text().split()]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--mirror",), 2, "--delta"),
        (("--bandwidth", "fast"), 2, "is no size"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    command = [str(tmp_path), "s3://images/archive", *UNREACHABLE, *words]
    result = CliRunner().invoke(app, command, env=keys)
    assert (result.exit_code, said in result.stderr) == (code, True)


def test_help_shows_examples_and_exit_codes() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert "s3://pacs/archive" in result.stdout
    assert "Exit codes" in result.stdout
