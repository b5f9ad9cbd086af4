"""What the benchmark of files counts: all that was sent has arrived, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import files
from hospital.errors import RefusedError, UnavailableError


def written(directory: Path, *, number: int = 3) -> Path:
    files._write(directory, number, lambda _: None)
    return directory


def test_the_files_are_the_same_every_time(tmp_path: Path) -> None:
    files._must_have_arrived(written(tmp_path / "one"), written(tmp_path / "two"))


def test_a_file_that_did_not_arrive_spoils_the_run(tmp_path: Path) -> None:
    sent, arrived = written(tmp_path / "one"), written(tmp_path / "two", number=2)
    with pytest.raises(RefusedError, match="1 of 3 names differ"):
        files._must_have_arrived(sent, arrived)


def test_a_byte_that_arrived_otherwise_spoils_the_run(tmp_path: Path) -> None:
    sent, arrived = written(tmp_path / "one"), written(tmp_path / "two")
    (arrived / "00000" / "00000000.dcm").write_bytes(b"x")
    with pytest.raises(RefusedError, match="arrived otherwise"):
        files._must_have_arrived(sent, arrived)


def test_without_space_for_both_ends_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="needed"):
        written(tmp_path / "one", number=10**12)
    assert not (tmp_path / "one").exists()
