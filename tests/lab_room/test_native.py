"""A node runs programs of its own architecture only, as real hardware does."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from lab.native import MACHINES, refusal


def elf(machine: int) -> bytes:
    return b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 2, machine) + bytes(40)


def bundle(tmp_path: Path, *, program: bytes, argument: str = "/service") -> list[str]:
    root = tmp_path / "rootfs"
    (root / "bin").mkdir(parents=True)
    (root / "service").write_bytes(program)
    (root / "bin" / "linked").symlink_to("/service")
    (root / "sbin").symlink_to("/bin")
    process = {"args": [argument], "cwd": "/", "env": ["PATH=/usr/bin:/bin"]}
    config = {"root": {"path": "rootfs"}, "process": process}
    (tmp_path / "config.json").write_text(json.dumps(config))
    return ["--log", "/dev/null", "create", "--bundle", str(tmp_path), "id"]


@pytest.mark.parametrize("here", MACHINES)
@pytest.mark.parametrize("there", MACHINES)
@pytest.mark.parametrize("argument", ["/service", "../service", "linked", "/sbin/linked"])
def test_only_programs_of_the_nodes_architecture_start(
    tmp_path: Path, here: str, there: str, argument: str
) -> None:
    arguments = bundle(tmp_path, program=elf(MACHINES[there]), argument=argument)

    refused = refusal(here, arguments)

    assert ("exec format error" in refused) is (here != there)


def test_scripts_are_left_to_their_interpreter(tmp_path: Path) -> None:
    assert not refusal("arm64", bundle(tmp_path, program=b"#!/bin/sh\n"))


def test_other_verbs_of_runc_pass_unseen() -> None:
    assert not refusal("arm64", ["--log", "/dev/null", "delete", "id"])
