"""The demo's orders, over a hub in memory: it ends as ordered, or fails with what went wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from moving import MemoryDesk, Operator, desk_and_operator
from rich.console import Console

from console import demo_migrate, following
from console.demo import Demo
from console.desk import Desk
from console.rehearsal import Counters
from hospital.errors import RefusedError
from hospital.move import Phase
from lab.places import Places


@dataclass
class Answers:
    """A client whose orders are acknowledged, now, by whichever end is open."""

    operator: Operator
    number: int = 0

    def lines(self, name: str) -> tuple[dict[str, Any], ...]:
        """One order by each site: whoever is waited for has answered."""
        self.number += 2
        return tuple(
            {
                "event": "acknowledged", "operation": "order", "workload": "his", "site": site,
                "key": f"{site}{self.number}", "id": self.number, "at": time.time() + 5,
                "seconds": 0.01,
            }
            for site in ("campus-x86", "campus-arm", "cloud")
        )  # fmt: skip


class InMemory(Demo):
    """The demo with a desk in memory."""

    memory: MemoryDesk

    def desk(self, identity: str) -> Desk:
        """Whoever sits down sees the same hub."""
        return self.memory


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[demo_migrate.Moving, Operator]:
    desk, operator = desk_and_operator()
    for module, name, value in (
        (following, "LOOK_SECONDS", 0.0),
        (following, "BLOCKED_SECONDS", 0.0),
        (demo_migrate, "QUIET_SECONDS", 0.0),
        (demo_migrate, "BUILD", tmp_path),
        (demo_migrate, "CHECKOUT", tmp_path),
    ):
        monkeypatch.setattr(module, name, value)
    demo = InMemory(
        Console(quiet=True), Places.from_environment(), desk.estate,
        cast(Counters, Answers(operator)),
    )  # fmt: skip
    demo.memory = desk
    return demo_migrate.Moving(demo), operator


def test_there_and_back_leaves_the_report_and_a_leg_for_each_order(
    moving: tuple[demo_migrate.Moving, Operator], tmp_path: Path
) -> None:
    demo, operator = moving
    demo.plan("campus-arm")
    demo.there_and_back("campus-arm", report=True)
    (migration,) = operator.hub.migrations()
    assert migration.phase is Phase.ROLLED_BACK
    assert [leg.title.split()[0] for leg in demo.legs] == [
        "start", "rehearse", "cutover", "rollback",
    ]  # fmt: skip
    assert (tmp_path / "comparison.html").is_file()


def test_a_move_for_good_is_completed(moving: tuple[demo_migrate.Moving, Operator]) -> None:
    demo, operator = moving
    demo.for_good("cloud")
    assert operator.hub.migrations()[0].phase is Phase.COMPLETED


def test_what_does_not_end_as_ordered_ends_the_demo(
    moving: tuple[demo_migrate.Moving, Operator],
) -> None:
    demo, operator = moving
    operator.passes = False
    with pytest.raises(RefusedError, match="rehearse campus-x86"):
        demo.there_and_back("campus-arm")
