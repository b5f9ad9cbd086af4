"""A node that hangs while the lab starts is started again, and only then."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.health import EMULATED, SIMULATED, NodeHealth
from lab.lifecycle import STALLED, Stalls

WELL = NodeHealth("arm-1", EMULATED, "arm64", "")
ILL = NodeHealth("arm-1", EMULATED, "arm64", "KubeletNotReady: network is not ready")


@dataclass
class Watched:
    """What was said and how often the node was started again, by a clock that we set."""

    time: float = 0.0
    starts: int = 0
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stalls = Stalls(self.again, self.said.append, now=lambda: self.time)

    def again(self) -> None:
        self.starts += 1

    def look(self, node: NodeHealth, *, at: float) -> int:
        self.time = at
        self.stalls.look((node,))
        return self.starts


def test_a_node_in_trouble_is_started_again_once_for_each_time_that_it_stalls() -> None:
    seen = Watched()
    times = (0, STALLED - 1, STALLED, STALLED + 1, 2 * STALLED - 1, 2 * STALLED)
    assert [seen.look(ILL, at=at) for at in times] == [0, 0, 1, 1, 1, 2]
    assert "KubeletNotReady: network is not ready" in seen.said[0]


def test_a_node_that_was_ready_in_between_has_its_whole_time_again() -> None:
    seen = Watched()
    assert seen.look(WELL, at=STALLED - 1) == 0
    assert seen.look(ILL, at=STALLED + 1) == 0
    assert seen.look(ILL, at=2 * STALLED) == 1


def test_a_simulated_node_is_nothing_that_could_be_started_again() -> None:
    seen = Watched()
    assert seen.look(NodeHealth("s-1", SIMULATED, "arm64", "Unknown: "), at=5 * STALLED) == 0
