"""Moves files to S3-compatible storage by rclone, and compares both ends by checksum.

rclone is a program, run once for each act: credentials go to it by environment and by nothing
else, its structured log comes back by a pipe, and a mover whose reader died ends with the pipe.
A run that was killed is simply run again: what is there already is compared, not copied. What must
never happen: an object deleted that nobody asked to delete; a file left out without being named.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from hospital.errors import RefusedError, UnavailableError, UnsafeError
from hospital.transfer import Compared, How, Moved, Plan, Progress
from providers.mover_log import Comparison, Line, Move, error_of, failed, line_of, progress_of
from providers.storage import Credentials, Target, wrong

Say = Callable[[Progress], None]

SILENCE = 120.0  # seconds without a word of a program that speaks once a second
ENDING = 10.0  # seconds for rclone to end when it is told to
_COMMON = (
    "--config=",  # in memory: no file of the user's is read, none is written
    "--use-json-log",
    "--stats=1s",
    "--stats-log-level=NOTICE",
)
_HOW: dict[How, tuple[str, ...]] = {
    How.SIZES: ("--size-only",),
    How.CHECKSUMS: (),
    How.CONTENT: ("--download",),
}


@dataclass(frozen=True, slots=True)
class Tuning:
    """How much goes on at once; measured on loopback, where more than this was slower.

    Directories are listed side by side, not the whole bucket at once: that would hold some ten
    million names in memory, and asks one page after the other.
    """

    transfers: int = 16
    checkers: int = 32
    parts: int = 4  # of one large file
    buffers: int = 512 << 20  # bytes at most, all parts of all files together
    bandwidth: int = 0  # bytes per second; 0: all there is

    def flags(self) -> tuple[str, ...]:
        """The same as words of a command line."""
        limit = ("--bwlimit", f"{self.bandwidth}B") if self.bandwidth else ()
        return (
            f"--transfers={self.transfers}",
            f"--checkers={self.checkers}",
            f"--s3-upload-concurrency={self.parts}",
            "--s3-chunk-size=16M",
            f"--max-buffer-memory={self.buffers}B",
            "--s3-no-check-bucket",  # a mover makes no buckets, and may not have the right to
            "--s3-no-head",  # the answer to a PUT carries its checksum, which is compared
            "--contimeout=10s",
            "--timeout=60s",
            "--low-level-retries=5",
            "--retries=1",  # a file that was left out is named; another run brings it
            *limit,
        )


class Mover:
    """One target, and rclone."""

    def __init__(
        self,
        program: Path,
        target: Target,
        *,
        credentials: Credentials,
        tuning: Tuning = Tuning(),
    ) -> None:
        self._program = str(program)
        self._target = target
        self._environment = target.environment(credentials)
        self._tuning = tuning
        # With the slash rclone takes it for a directory; without, it asks first whether it is one.
        self._remote = f"target:{target.bucket}/{target.prefix}".rstrip("/") + "/"

    def measure(self, source: Path) -> Plan:
        """Count files and bytes of a local directory."""
        command = (self._program, "size", "--json", *_COMMON, "--stats=0", _local(source))
        done = subprocess.run(
            command, env=self._environment, capture_output=True, encoding="utf-8", check=False
        )
        if done.returncode:
            for line in map(line_of, done.stderr.splitlines()):
                self._raise(line, source)
            raise RefusedError(str(source), done.stderr.strip()[-500:])
        told = json.loads(done.stdout)
        return Plan(int(told["count"]), int(told["bytes"]))

    def copy(self, source: Path, *, say: Say = lambda _: None) -> Moved:
        """Copy what the target lacks or has otherwise; goes on where a killed run ended.

        A file is the same if its size and its time of change are. Nothing is deleted. Files that
        change while they are read, or cannot be read, are left out and named.
        """
        return self._move("copy", source, say=say)

    def mirror(self, source: Path, *, most: int, say: Say = lambda _: None) -> Moved:
        """Copy, and delete at the target what is gone at the source: at most ``most`` objects.

        UnsafeError, before anything is touched, for an empty source (a share that is not mounted
        looks like one) and for more than ``most``.
        """
        gone = self.compare(source, How.SIZES).gone
        if gone and not self.measure(source).files:
            message = f"{source}: 来源为空，不删除 / the source is empty, nothing is deleted"
            raise UnsafeError(message, remedy="确认来源已挂载 / see that the source is mounted")
        if gone.count > most:
            message = f"{self._target}: 将删除 {gone.count} 个对象 / {gone.count} objects would go"
            raise UnsafeError(message, remedy=f"仅允许 {most} 个 / {most} were allowed")
        return self._move("sync", source, f"--max-delete={most}", say=say)

    def compare(self, source: Path, how: How, *, say: Say = lambda _: None) -> Compared:
        """Both ends side by side; differences are told, not raised."""
        found = Comparison(how)
        for line in self._lines("check", source, *_HOW[how]):
            found.take(line)
            _tell(line, say)
        return found.told()

    def _move(self, verb: str, source: Path, *flags: str, say: Say) -> Moved:
        move = Move()
        for line in self._lines(verb, source, *flags):
            move.take(line)
            _tell(line, say)
        return move.told()

    def _lines(self, verb: str, source: Path, *flags: str) -> Iterator[Line]:
        """Run rclone and read its log; an error that no further file would escape is raised."""
        tuned = (*self._tuning.flags(), *flags)
        command = (self._program, verb, *_COMMON, *tuned, _local(source), self._remote)
        told = False
        with _running(command, self._environment) as process:
            for line in map(line_of, _spoken(process)):
                self._raise(line, source)
                told = told or failed(line)
                yield line
            code = process.wait(ENDING)
        if code < 0:
            raise UnavailableError(f"rclone {verb}", f"被信号终止 / ended by signal {-code}")
        if code and not told:
            raise RefusedError(f"rclone {verb}", f"以 / ended with {code}")

    def _raise(self, line: Line, source: Path) -> None:
        if failed(line) and (
            error := error_of(line["msg"], target=str(self._target), source=str(source))
        ):
            raise error


def _local(source: Path) -> str:
    """An absolute path, which rclone never takes for the name of a remote."""
    if not source.is_dir():
        raise wrong(str(source), "SRC", "不是目录 / is no directory", "命名一个目录 / name one")
    return str(source.absolute())


def _tell(line: Line, say: Say) -> None:
    if "stats" in line:
        say(progress_of(line["stats"]))


@contextmanager
def _running(
    command: tuple[str, ...], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that has ended when this ends, however this ends."""
    try:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise UnavailableError(command[0], error.strerror or str(error)) from error
    with process:
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDING)
    except subprocess.TimeoutExpired:
        process.kill()


def _spoken(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Lines of the log until its end; UnavailableError if nothing is said for too long."""
    assert process.stderr is not None
    pipe, rest, heard = process.stderr.fileno(), b"", monotonic()
    while True:
        if not select.select([pipe], [], [], SILENCE)[0]:
            raise UnavailableError("rclone", f"{monotonic() - heard:.0f} s 没有动静 / silent")
        heard = monotonic()
        if not (piece := os.read(pipe, 1 << 16)):
            break
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.decode(errors="backslashreplace") for line in lines)
    if rest:
        yield rest.decode(errors="backslashreplace")
