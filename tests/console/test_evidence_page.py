"""Every command of the page for auditors does what the page says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.pki import Authority
from providers.access import VARIABLE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
BLOCKS = [block.strip() for block in re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)]
TOOL, HEAD, OPENSSL, NEW_KEYS = BLOCKS
OURS = [sys.executable, "-m", "console.main"]


def run(command: str, at: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    around = {name: value for name, value in os.environ.items() if name != VARIABLE}
    around |= {"PYTHONPATH": str(ROOT), **environment}
    words = command.replace("xinglin ", f"{shlex.join(OURS)} ", 1)
    return subprocess.run(
        words, shell=True, cwd=at, env=around, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An auditor with the keys that the page makes, and an audit that he sealed."""
    place = tmp_path_factory.mktemp("page")
    access, keys = place / "auditor", place / "keys"
    access.mkdir()
    keys.mkdir()
    Authority.create("test").issue("auditor").write(access)
    for line in NEW_KEYS.splitlines():
        made = run(line, access)
        assert made.returncode == 0, made.stderr
    for public in access.glob("*.pem"):
        shutil.move(public, keys / public.name)
    audit = run(
        f"xinglin audit --estate {ROOT}/stacks/estates/lab.yaml --on 2026-11-23"
        " --output audits/2026-11 --sign-with auditor",
        place,
    )
    assert audit.returncode == 0, audit.stderr
    (place / "head").write_text(audit.stderr.split("evidence.json: ")[1].split()[0])
    return place


@pytest.mark.parametrize("line", [*TOOL.splitlines(), *HEAD.splitlines()])
def test_our_tool_finds_the_audit_whole(place: Path, line: str) -> None:
    done = run(line, place, HEAD=(place / "head").read_text())
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("line", OPENSSL.splitlines())
def test_openssl_alone_says_the_same(place: Path, line: str) -> None:
    audit = place / "audits" / "2026-11"
    done = run(line, audit, KEYS=str(place / "keys"))
    assert done.returncode == 0, done.stderr
    if " dgst " in line:
        assert done.stdout.split()[0] in (audit / "evidence.json").read_text(encoding="utf-8")
    else:
        assert "Verified Successfully" in done.stdout


def test_openssl_alone_finds_a_changed_record(place: Path, tmp_path: Path) -> None:
    audit = shutil.copytree(place / "audits" / "2026-11", tmp_path / "audit")
    record = audit / "evidence.json"
    record.write_bytes(record.read_bytes().replace(b'"passed"', b'"Passed"'))
    for line in OPENSSL.splitlines()[:2]:
        assert run(line, audit, KEYS=str(place / "keys")).returncode != 0


def test_the_page_is_short() -> None:
    assert len(PAGE.splitlines()) <= 120
