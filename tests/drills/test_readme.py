"""What the READMEs tell a newcomer to type works as it stands there, line by line."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
BY_CI = {"make demo", "make python"}  # `.ci/run` runs the demo, and every make the environment


def blocks(readme: str) -> list[list[str]]:
    """The commands of each ``sh`` block, without what is said beside them."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    found = re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)
    return [[line.partition("#")[0].strip() for line in block.splitlines()] for block in found]


def test_both_languages_tell_the_same_commands() -> None:
    first, second = map(blocks, READMES)
    assert first == second


def test_every_path_that_a_readme_names_exists() -> None:
    for readme in READMES:
        text = (ROOT / readme).read_text(encoding="utf-8")
        named = re.findall(r"`([\w.-]+/[\w./-]*)`", text)
        built = {name for name in named if name.startswith("build/")}
        assert named
        assert [name for name in {*named} - built if not (ROOT / name).exists()] == []


@pytest.mark.drill
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("block", blocks(READMES[0]), ids=lambda block: block[0])
def test_every_command_works(block: list[str]) -> None:
    for command in block:
        if command in BY_CI:
            continue
        done = subprocess.run(
            command, cwd=ROOT, shell=True, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
