"""How often loops run: the leader's more often than others', and most while something changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from operators.detection import HURRY, pace


@dataclass
class Standing:
    """What ``pace`` asks of a post: does it lead, did something just change."""

    leads: bool
    changes: bool

    @property
    def leadership(self) -> Any:
        return self

    @property
    def watch(self) -> Any:
        return self

    def leading(self) -> bool:
        return self.leads

    def hurried(self) -> bool:
        return self.changes


@pytest.mark.parametrize(
    ("leads", "changes", "seconds"),
    [(True, False, 0.3), (True, True, 0.3 / HURRY), (False, False, 0.5), (False, True, 0.5)],
)
def test_only_the_leader_hurries(leads: bool, changes: bool, seconds: float) -> None:
    post: Any = Standing(leads, changes)
    assert pace(post, 0.3, 0.5)() == seconds


def test_the_pace_follows_the_lead() -> None:
    standing = Standing(leads=False, changes=False)
    post: Any = standing
    seconds = pace(post, 0.3, 0.5)
    standing.leads = True
    assert seconds() == 0.3
