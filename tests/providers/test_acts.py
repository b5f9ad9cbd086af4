"""What a step of a migration asks of the ports."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from hospital.estate import Estate
from hospital.move import Act, Bounds, Method, Migration, Phase
from providers.acts import Kit, Stage, carry_out
from providers.hands import Hands, Outcome
from providers.memory_stream import MemoryStreams
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"


@pytest.fixture(scope="module")
def lab() -> Estate:
    return read_estate(LAB)


def test_a_copy_is_bound_as_it_was_asked_for(lab: Estate) -> None:
    streams = MemoryStreams()
    streams.end("hospital-db", "his").open = True
    nobody = cast("Any", None)
    stage = Stage(
        migration=Migration(
            name="his-arm", workload="his", source="campus-x86", target="campus-arm",
            method=Method.LOGICAL, database="hospital-db-arm", phase=Phase.SYNC,
            reason="test", requested_by="test", requested_at=0.0,
            bounds=Bounds(throttle_bytes_per_second=20_000_000, slowdown_percent=5),
        ),
        estate=lab,
        hands=cast("Hands", None),
        kit=Kit(streams=streams, trials=nobody, prospect=nobody, frozen=nobody),
        now=0.0,
        tell=lambda _: None,
    )  # fmt: skip
    assert carry_out(Act.PREPARE, stage).outcome is Outcome.DONE
    assert carry_out(Act.COPY, stage).outcome is Outcome.DONE
    assert (streams.throttle, streams.slowdown_percent) == (20_000_000, 5)
