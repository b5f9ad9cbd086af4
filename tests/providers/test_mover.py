"""Files reach a real server of S3, whole, by whatever interruptions; nothing is lost unnamed."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hospital.errors import DeclarationError, RefusedError, UnavailableError, UnsafeError
from hospital.transfer import How, Progress, Verdict, verdict
from lab import toolchain
from lab.places import Places
from lab.storage import Storage, storage
from providers.mover import Mover, Tuning
from providers.storage import Credentials, Target

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

SMALL, LARGE = 2000, 300 << 20
NAMES = ("患者/胸片 一.dcm", " lead", "new\nline.dcm", "a+b&c=%41#?.dcm", "tail. ", "…/\u2060x")
GBK = b"\xd6\xd0.dcm"  # as an old server on Windows wrote it: not UTF-8
QUOTE = "\u201b"  # with which rclone itself quotes: the one character that it cannot carry


@dataclass
class Room:
    """A source, a server and the way between."""

    source: Path
    root: Path
    server: Storage
    program: Path

    def mover(self, *, prefix: str = "archive", bandwidth: int = 0) -> Mover:
        target = Target.of(f"s3://images/{prefix}", self.server.endpoint)
        tuning = Tuning(bandwidth=bandwidth)
        return Mover(self.program, target, credentials=self.server.credentials, tuning=tuning)

    def stored(self, name: str) -> Path:
        return self.root / "images" / "archive" / name

    def write(self, name: str, content: bytes) -> Path:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


@pytest.fixture(scope="module")
def program() -> Path:
    return toolchain.have(toolchain.RCLONE, Places.from_environment())


@pytest.fixture
def room(tmp_path: Path, program: Path) -> Iterator[Room]:
    source, root = tmp_path / "source", tmp_path / "root"
    source.mkdir()
    (root / "images").mkdir(parents=True)
    with storage(root, Places.from_environment()) as server:
        yield Room(source, root, server, program)
    shutil.rmtree(tmp_path, ignore_errors=True)  # hundreds of megabytes


def children() -> list[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return [int(pid) for path in tasks for pid in path.read_text().split()]


def rclones() -> list[int]:
    return [p for p in children() if "rclone" in Path(f"/proc/{p}/cmdline").read_text()]


def test_a_killed_transfer_goes_on_where_it_was(room: Room) -> None:
    for number in range(SMALL):
        room.write(f"study-{number % 20}/{number:05}.dcm", os.urandom(16 << 10))
    room.write("study-0/whole-slide.svs", os.urandom(1 << 20) * (LARGE >> 20))
    plan = room.mover().measure(room.source)
    assert (plan.files, plan.size) == (SMALL + 1, SMALL * (16 << 10) + LARGE)

    def kill(progress: Progress) -> None:
        if progress.files > SMALL // 10:
            os.kill(rclones()[0], signal.SIGKILL)

    with pytest.raises(UnavailableError, match="signal 9"):
        room.mover(bandwidth=16 << 20).copy(room.source, say=kill)
    before = room.mover().compare(room.source, How.SIZES)
    assert before.missing.count > 0
    assert before.equal > 0

    rest = room.mover().copy(room.source)
    assert rest.progress.files == before.missing.count
    assert rest.progress.compared == before.equal
    found = room.mover().compare(room.source, How.CHECKSUMS)
    assert (found.equal, found.unknown) == (SMALL + 1, 0)
    assert verdict(rest, found) is Verdict.COMPLETE
    assert room.mover().compare(room.source, How.CONTENT).equal == SMALL + 1


def test_names_of_every_kind_arrive_and_compare(room: Room) -> None:
    for name in NAMES:
        room.write(name, name.encode())
    (room.source / os.fsdecode(GBK)).write_bytes(b"gbk")
    moved = room.mover().copy(room.source)
    assert moved.progress.files == len(NAMES) + 1
    found = room.mover().compare(room.source, How.CONTENT)
    assert (found.equal, verdict(moved, found)) == (len(NAMES) + 1, Verdict.COMPLETE)
    assert room.stored("new\nline.dcm").read_bytes() == b"new\nline.dcm"
    assert room.stored("患者/胸片 一.dcm").is_file()


def test_a_delta_copies_the_delta_and_tells_what_is_gone(room: Room) -> None:
    for number in range(50):
        room.write(f"{number}.dcm", b"first")
    room.mover().copy(room.source)
    room.write("7.dcm", b"other")  # of the same size
    room.write("new.dcm", b"a study of this night")
    (room.source / "9.dcm").unlink()
    moved = room.mover().copy(room.source)
    assert (moved.progress.files, moved.deleted) == (2, 0)
    assert room.stored("7.dcm").read_bytes() == b"other"
    found = room.mover().compare(room.source, How.SIZES)
    assert found.gone.first == ("9.dcm",)
    assert room.stored("9.dcm").exists()
    assert room.mover().mirror(room.source, most=1).deleted == 1
    assert not room.stored("9.dcm").exists()


def test_no_more_is_deleted_than_was_allowed_and_nothing_for_an_empty_source(room: Room) -> None:
    for number in range(5):
        room.write(f"{number}.dcm", b"x")
    room.mover().copy(room.source)
    for number in range(3):
        (room.source / f"{number}.dcm").unlink()
    with pytest.raises(UnsafeError, match="3 objects would go"):
        room.mover().mirror(room.source, most=2)
    for number in range(3, 5):
        (room.source / f"{number}.dcm").unlink()
    with pytest.raises(UnsafeError, match="the source is empty"):
        room.mover().mirror(room.source, most=100)
    assert len(list(room.stored("").iterdir())) == 5


def test_a_changed_object_is_found_by_its_checksum(room: Room, tmp_path: Path) -> None:
    room.write("a.dcm", b"the image")
    room.write("b.dcm", b"another")
    room.mover().copy(room.source)
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.dcm").write_bytes(b"the imagf")
    room.mover().copy(other)
    found = room.mover().compare(room.source, How.CHECKSUMS)
    assert (found.differing.first, found.equal) == (("a.dcm",), 1)
    assert room.mover().compare(room.source, How.SIZES).equal == 2


def test_a_byte_that_rots_under_its_checksum_is_found_by_reading_it(room: Room) -> None:
    room.write("a.dcm", b"the image")
    room.mover().copy(room.source)
    with room.stored("a.dcm").open("r+b") as file:  # beneath the server, which keeps its checksum
        file.write(b"T")
    assert room.mover().compare(room.source, How.CHECKSUMS).equal == 1
    assert room.mover().compare(room.source, How.CONTENT).differing.first == ("a.dcm",)


def test_what_cannot_be_carried_is_named(room: Room) -> None:
    room.write("a.dcm", b"x")
    (room.source / "link.dcm").symlink_to("a.dcm")
    os.mkfifo(room.source / "pipe")
    moved = room.mover().copy(room.source)
    assert moved.progress.files == 1
    assert sorted(name.split(":")[0] for name in moved.left.first) == ["link.dcm", "pipe"]
    found = room.mover().compare(room.source, How.CHECKSUMS)
    assert verdict(moved, found) is Verdict.INCOMPLETE


def test_a_file_that_changes_while_it_is_read_is_left_to_the_next_run(room: Room) -> None:
    room.write("still.dcm", b"x")
    growing = room.write("growing.dcm", os.urandom(12 << 20))

    def grow(_: Progress) -> None:
        with growing.open("ab") as file:
            file.write(b"more")

    moved = room.mover(bandwidth=4 << 20).copy(room.source, say=grow)
    assert (moved.progress.files, moved.left.count) == (1, 1)
    assert "growing.dcm" in moved.left.first[0]
    assert not room.stored("growing.dcm").exists()
    assert room.mover().copy(room.source).progress.files == 1
    assert room.mover().compare(room.source, How.CHECKSUMS).equal == 2


def test_the_one_name_that_the_mover_cannot_carry_is_named_and_missed(room: Room) -> None:
    room.write("a.dcm", b"x")
    room.write(f"{QUOTE}x.dcm", b"x")
    moved = room.mover().copy(room.source)
    assert (moved.progress.files, moved.left.count) == (1, 1)
    assert f"{QUOTE}x.dcm" in moved.left.first[0]
    found = room.mover().compare(room.source, How.CHECKSUMS)
    assert verdict(moved, found) is Verdict.DIFFERS


def test_a_full_target_is_called_full(tmp_path: Path, program: Path) -> None:
    source, root = tmp_path / "source", tmp_path / "root"
    source.mkdir()
    root.mkdir()
    for number in range(20):
        (source / f"{number}.dcm").write_bytes(os.urandom(1 << 20))
    script = 'mount -t tmpfs -o size=8m tmpfs "$0" && mkdir "$0/images" && exec "$@"'
    small = ("unshare", "--mount", "sh", "-c", script, str(root))
    with storage(root, Places.from_environment(), within=small) as server:
        room = Room(source, root, server, program)
        with pytest.raises(RefusedError, match=r"the target is full .*No space left"):
            room.mover().copy(source)


def test_the_users_own_settings_of_the_mover_are_not_read(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / ".config" / "rclone" / "rclone.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text("[target]\ntype = s3\nsse_customer_algorithm = AES256\nupload_cutoff = x\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    room.write("a.dcm", b"x")
    assert room.mover().copy(room.source).progress.files == 1


def test_a_wrong_key_is_not_accepted_and_not_printed(room: Room) -> None:
    room.write("a.dcm", b"x")
    wrong = Credentials(room.server.credentials.access_key, "0" * 32)
    room.server = replace(room.server, credentials=wrong)
    with pytest.raises(RefusedError, match="the key is not accepted") as refused:
        room.mover().copy(room.source)
    assert "0" * 32 not in str(refused.value)


def test_a_missing_bucket_is_not_made(room: Room) -> None:
    room.write("a.dcm", b"x")
    (room.root / "images").rmdir()
    with pytest.raises(RefusedError, match="no such bucket"):
        room.mover().copy(room.source)
    assert not (room.root / "images").exists()


def test_a_server_that_does_not_answer_may_be_tried_again(room: Room) -> None:
    room.write("a.dcm", b"x")
    room.server = replace(room.server, endpoint="http://127.0.0.1:9")
    with pytest.raises(UnavailableError, match="does not answer"):
        room.mover().copy(room.source)


def test_a_source_that_is_not_there_is_our_mistake(room: Room) -> None:
    with pytest.raises(DeclarationError, match="no directory"):
        room.mover().copy(room.source / "absent")


def test_neither_arguments_nor_errors_hold_a_secret(room: Room) -> None:
    for number in range(100):
        room.write(f"{number}.dcm", os.urandom(64 << 10))
    seen: list[str] = []

    def look(_: Progress) -> None:
        seen.extend(Path(f"/proc/{pid}/cmdline").read_text() for pid in rclones())

    room.mover(bandwidth=2 << 20).copy(room.source, say=look)
    assert any("images/archive" in line for line in seen)
    for secret in (room.server.credentials.access_key, room.server.credentials.secret_key):
        assert not any(secret in line for line in seen)
    assert room.server.credentials.secret_key not in repr(room.server.credentials)
