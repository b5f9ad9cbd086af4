"""A figure of a plan says what it rests on, and what never ends is said to never end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from moving import estate

from console.expectation import expected, lines
from hospital.move import Act, Method, Migration
from hospital.prechecks.database import DatabaseFacts, TableFacts
from hospital.prechecks.facts import Facts, PathFacts
from hospital.story import StepRecord, StepState

ARM = Facts(
    estate=estate(), workload=estate().workload("his"), source_site="campus-x86",
    target_site="campus-arm", method=Method.LOGICAL, now=0.0, target_database="hospital-db-arm",
)  # fmt: skip


def _seen(*, size: int, write: float, rate: float) -> Facts:
    tables = (TableFacts("public.orders", size, size // 10, 1000),)
    source = DatabaseFacts(size_bytes=size, tables=tables, write_bytes_per_second=write)
    return replace(ARM, source=source, path=PathFacts(bandwidth_bytes_per_second=rate))


def test_without_a_size_it_is_told_for_one_gibibyte_at_the_declared_link() -> None:
    found = expected(ARM)
    assert found["perGib"]
    assert found["copySeconds"] == pytest.approx((1 << 30) / 1.25e9, rel=0.01)
    assert "declared link, not measured" in found["basis"]["en"]


def test_what_was_measured_is_used_and_named() -> None:
    found = expected(_seen(size=10**9, write=1e6, rate=1e8))
    assert not found["perGib"]
    assert (found["copySeconds"], found["indexSeconds"]) == (10.0, 1.0)
    assert found["basis"]["en"] == "the link as measured"


def test_what_writes_faster_than_the_link_never_catches_up_and_needs_a_rate() -> None:
    found = expected(_seen(size=10**9, write=2e8, rate=1e8))
    assert (found["converges"], found["catchUpSeconds"]) == (False, None)
    told = " ".join(lines(found))
    assert "it never catches up; needed: 250.0 MB/s" in told


def test_a_standby_that_follows_already_copies_nothing() -> None:
    found = expected(replace(ARM, method=Method.PHYSICAL, target_site="cloud"))
    assert (found["copySeconds"], found["perGib"]) == (0.0, False)


def test_earlier_migrations_of_the_same_way_tell_what_they_took() -> None:
    lived = Migration(
        "his-1", "his", "campus-x86", "campus-arm", Method.LOGICAL, "hospital-db-arm", "x", "me",
        1.0,
        records=(
            StepRecord(Act.COPY, StepState.DONE, 10.0, 14.5),
            StepRecord(Act.HAND_OVER, StepState.INTENDED, 20.0),
        ),
    )  # fmt: skip
    found = expected(ARM, [lived, replace(lived, workload="emr")])
    assert found["earlier"] == [{"migration": "his-1", "steps": {"CopyData": 4.5}}]
    assert "CopyData 4.5 s" in " ".join(lines(found))
