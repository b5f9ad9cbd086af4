"""What rclone's log says: how far it is, what it left out, what differs, and what went wrong.

One JSON object a line (``--use-json-log``); a line that is none is kept as text. Names come
as rclone shows them, control characters as pictures, so that they may be printed. Every error is
sorted once, here: into what ends a transfer, and what concerns one file, which is then named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hospital.errors import HospitalError, RefusedError, UnavailableError
from hospital.transfer import Compared, How, Moved, Names, Progress

Line = Mapping[str, Any]

_FAILED = frozenset({"error", "critical", "alert", "emergency"})
_SUMMARY = "cmd/cmd.go"  # says again what was said
_LEFT_OUT = ("Can't follow symlink", "Can't transfer non file")
_API = re.compile(r"api error (\w+): (.*?)\s*$", re.DOTALL)
_UNKNOWN = re.compile(r"(\d+) hashes could not be checked")
_EQUAL = re.compile(r"(\d+) matching files")

_SERVER = "operation error S3"  # said of every answer, and of none, by the SDK
_URL = re.compile(r'"https?://[^"]*"')  # names files, which may be called anything
_SOURCE = re.compile(r"error reading source root directory|stale (?:NFS )?file handle")
_ANSWERS: tuple[tuple[re.Pattern[str], type[RefusedError | UnavailableError], str], ...] = (
    (
        re.compile(r"InsufficientStorage|QuotaExceeded|StorageFull|StatusCode: 507"),
        RefusedError,
        "目标已满 / the target is full",
    ),
    (
        re.compile(r"NoSuchBucket|InvalidBucketName"),
        RefusedError,
        "没有这个桶 / there is no such bucket",
    ),
    (
        re.compile(
            r"AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|XAdminUserNotFound"
            r"|ExpiredToken|InvalidToken|RequestTimeTooSkewed|StatusCode: 40[13]\b"
        ),
        RefusedError,
        "密钥不被接受 / the key is not accepted",
    ),
    (
        re.compile(r"x509|certificate|tls: "),
        RefusedError,
        "证书不可信 / the certificate is not trusted",
    ),
    (
        re.compile(
            r"request send failed|connection re(?:fused|set)|i/o timeout|unexpected EOF"
            r"|SlowDown|StatusCode: (?:0|429|50[0234])\b|context deadline exceeded"
        ),
        UnavailableError,
        "无应答 / does not answer",
    ),
)
"""What no further file would escape, the first that fits."""


def line_of(text: str) -> Line:
    """One line of the log; text that is no JSON (a panic) becomes an error that says it."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict) and "msg" in found:
        return found
    return {"level": "error" if text.strip() else "debug", "msg": text}


def failed(line: Line) -> bool:
    """Whether it says that something went wrong."""
    return line["level"] in _FAILED


def error_of(message: str, *, target: str, source: str) -> HospitalError | None:
    """The error that ends a transfer; None if only one file is concerned."""
    if _SOURCE.search(message):
        return UnavailableError(source, f"读不到来源 / the source cannot be read: {message[-300:]}")
    if _SERVER not in message:
        return None
    plain = _URL.sub("", message)
    said = _API.search(plain)
    short = f"{said[1]}: {said[2]}" if said else plain[-200:]
    for pattern, kind, text in _ANSWERS:
        if pattern.search(plain):
            return kind(target, f"{text} ({short})")
    return None


def progress_of(stats: Mapping[str, Any]) -> Progress:
    """How far it is."""
    return Progress(
        files=int(stats["transfers"]),
        files_total=int(stats["totalTransfers"]),
        size=int(stats["bytes"]),
        size_total=int(stats["totalBytes"]),
        compared=int(stats["checks"]),
        elapsed=timedelta(seconds=float(stats["elapsedTime"])),
    )


class Move:
    """What a run copied and left out, as its log is read."""

    def __init__(self) -> None:
        self._left = Names()
        self._progress = Progress()
        self._deleted = 0

    def take(self, line: Line) -> None:
        """One more line."""
        if "stats" in line:
            self._progress = progress_of(line["stats"])
            self._deleted = int(line["stats"]["deletes"])
        left_out = str(line["msg"]).startswith(_LEFT_OUT)
        if left_out or (failed(line) and not _again(line)):
            self._left = self._left.plus(_named(line))

    def told(self) -> Moved:
        """What it came to."""
        return Moved(self._progress, self._left, self._deleted)


class Comparison:
    """What differs between two ends, as the log of ``rclone check`` is read."""

    def __init__(self, how: How) -> None:
        self._how = how
        self._equal = self._unknown = 0
        self._differing = self._missing = self._gone = self._unread = Names()

    def take(self, line: Line) -> None:
        """One more line."""
        message = str(line["msg"])
        if found := _EQUAL.fullmatch(message):
            self._equal = int(found[1])
        elif found := _UNKNOWN.fullmatch(message):
            self._unknown = int(found[1])
        elif message.startswith(_LEFT_OUT):
            self._unread = self._unread.plus(_named(line))
        elif failed(line) and not _again(line):
            self._differ(line, message)

    def told(self) -> Compared:
        """What it came to; rclone counts as equal what had no checksum to compare."""
        return Compared(
            self._how,
            equal=self._equal - self._unknown,
            differing=self._differing,
            missing=self._missing,
            gone=self._gone,
            unread=self._unread,
            unknown=self._unknown,
        )

    def _differ(self, line: Line, message: str) -> None:
        name, local = str(line.get("object", "")), line.get("objectType") == "*local.Object"
        if message.startswith("file not in "):
            if local:
                self._missing = self._missing.plus(name)
            else:
                self._gone = self._gone.plus(name)
        elif message.endswith("differ") or message.startswith("is file on "):
            self._differing = self._differing.plus(name)
        else:
            self._unread = self._unread.plus(_named(line))


def _again(line: Line) -> bool:
    return str(line.get("source", "")).startswith(_SUMMARY)


def _named(line: Line) -> str:
    name = str(line.get("object", ""))
    return f"{name}: {line['msg']}" if name else str(line["msg"])
