"""What rclone says, sorted: what ends a transfer, what concerns one file, how far it is."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from hospital.errors import HospitalError, RefusedError, UnavailableError
from hospital.transfer import How
from providers.mover_log import Comparison, Move, error_of, failed, line_of, progress_of

S3 = "Failed to copy: operation error S3: PutObject, https response error StatusCode: "
STATS = {
    "bytes": 4096, "totalBytes": 8192, "transfers": 2, "totalTransfers": 5, "checks": 7,
    "deletes": 3, "elapsedTime": 1.5,
}  # fmt: skip


def error(message: str) -> HospitalError | None:
    return error_of(message, target="s3://images/archive", source="/srv/pacs")


@pytest.mark.parametrize(
    ("message", "kind", "said"),
    [
        (S3 + "507, api error InsufficientStorage: No space left on device.", RefusedError, "full"),
        (S3 + "403, api error QuotaExceeded: Your request was denied.", RefusedError, "full"),
        (S3 + "404, api error NoSuchBucket: It does not exist.", RefusedError, "no such bucket"),
        (S3 + "403, api error SignatureDoesNotMatch: Check your key.", RefusedError, "the key"),
        (S3 + "403, RequestID: , Forbidden", RefusedError, "the key"),
        (S3 + "503, api error SlowDown: Reduce your rate.", UnavailableError, "not answer"),
        (S3 + '0, request send failed, Put "http://h/x509": dial tcp: connection refused',
         UnavailableError, "not answer"),
        (S3 + '0, request send failed, Put "https://h/b": tls: failed to verify certificate',
         RefusedError, "certificate"),
        ("error reading source root directory: directory not found", UnavailableError, "source"),
    ],
)  # fmt: skip
def test_what_no_other_file_would_escape_ends_the_transfer(
    message: str, kind: type[HospitalError], said: str
) -> None:
    found = error(message)
    assert isinstance(found, kind)
    assert said in str(found)


@pytest.mark.parametrize(
    "message",
    [
        "Failed to copy: can't copy - source file is being updated (size changed from 1 to 2)",
        "Failed to copy: failed to open source object: open /srv/x509 AccessDenied: denied",
        "corrupted on transfer: md5 hashes differ",
        S3 + "400, api error KeyTooLongError: Your key is too long.",
    ],
)
def test_what_concerns_one_file_names_it_and_goes_on(message: str) -> None:
    assert error(message) is None
    move = Move()
    move.take({"level": "error", "msg": message, "object": "a.dcm"})
    assert move.told().left.first == (f"a.dcm: {message}",)


def test_the_summary_counts_no_failure_twice() -> None:
    move = Move()
    move.take({"level": "error", "msg": "Attempt 1/1 failed", "source": "cmd/cmd.go:283"})
    assert move.told().left.count == 0


def test_a_panic_is_an_error_and_an_empty_line_is_none() -> None:
    assert failed(line_of("panic: runtime error"))
    assert not failed(line_of(""))
    assert failed(line_of("[1]"))
    assert not failed(line_of(json.dumps({"level": "notice", "msg": "x"})))


def test_progress_is_that_of_the_last_statistics() -> None:
    found = progress_of(STATS)
    assert (found.files, found.files_total, found.size, found.size_total) == (2, 5, 4096, 8192)
    assert (found.compared, found.elapsed) == (7, timedelta(seconds=1.5))
    move = Move()
    move.take({"level": "notice", "msg": "", "stats": STATS})
    assert (move.told().progress, move.told().deleted) == (found, 3)


def test_a_comparison_sorts_what_it_is_told() -> None:
    found = Comparison(How.CHECKSUMS)
    local, remote = {"objectType": "*local.Object"}, {"objectType": "*s3.Object"}
    for line in (
        {"level": "error", "msg": "file not in S3 bucket b", "object": "new", **local},
        {"level": "error", "msg": "file not in Local file system", "object": "old", **remote},
        {"level": "error", "msg": "md5 differ", "object": "changed", **local},
        {"level": "error", "msg": "sizes differ", "object": "longer", **local},
        {"level": "error", "msg": "is file on s3 but directory on local", "object": "d", **local},
        {"level": "error", "msg": "open x: permission denied", "object": "x", **local},
        {"level": "notice", "msg": "2 hashes could not be checked"},
        {"level": "notice", "msg": "9 matching files"},
    ):
        found.take(line)
    told = found.told()
    assert (told.missing.first, told.gone.first) == (("new",), ("old",))
    assert told.differing.first == ("changed", "longer", "d")
    assert told.unread.first == ("x: open x: permission denied",)
    assert (told.equal, told.unknown) == (7, 2)
