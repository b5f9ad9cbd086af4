"""What a waiting migration says: a rate counts once the target is far behind."""

from __future__ import annotations

import pytest

from hospital.migration_words import HOPELESS_SECONDS, soaking, syncing
from hospital.move import Method, Migration, MoveSeen, Phase, Stream

MIGRATION = Migration(
    name="his-arm", workload="his", source="campus-x86", target="campus-arm",
    method=Method.LOGICAL, database="hospital-db-arm", phase=Phase.SYNC,
    reason="test", requested_by="test", requested_at=0.0,
)  # fmt: skip
WRITTEN = 1e6  # bytes per second


@pytest.mark.parametrize(
    ("lag", "applied", "hopeless"),
    [
        (WRITTEN * HOPELESS_SECONDS + 1, WRITTEN / 2, True),
        (WRITTEN * HOPELESS_SECONDS + 1, WRITTEN * 2, False),
        (WRITTEN * HOPELESS_SECONDS + 1, None, False),
        (WRITTEN * HOPELESS_SECONDS + 1, 0.0, False),
        (WRITTEN, 0.0, False),
        (None, 0.0, False),
    ],
)
def test_a_rate_counts_when_much_is_missing(
    lag: float | None, applied: float | None, hopeless: bool
) -> None:
    seen = MoveSeen(
        quorum=True,
        stream=Stream.FLOWING,
        lag_bytes=None if lag is None else int(lag),
        write_bytes_per_second=WRITTEN,
        apply_bytes_per_second=applied,
    )
    assert ("never ends at this rate" in syncing(MIGRATION, seen).message) is hopeless


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        (Stream.FLOWING, "the source lags by 1.0 s"),
        (Stream.STALLED, "the way back waits"),
        (Stream.LOST, "NO WAY BACK"),
    ],
)
def test_only_a_stream_that_is_lost_leaves_no_way_back(stream: Stream, said: str) -> None:
    seen = MoveSeen(quorum=True, stream=stream, lag_seconds=1.0, target_open=True)
    assert said in soaking(MIGRATION, seen)
