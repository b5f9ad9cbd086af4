"""The vocabulary of recovery: every state has its lawful successors, and advance keeps to them."""

from __future__ import annotations

import inspect
import re

import pytest

from hospital import story
from hospital.judgement import ENDED
from hospital.settling import SETTLED
from hospital.story import ActionPhase, StepKind, StepState


def successors(kind: type[ActionPhase] | type[StepState]) -> dict[str, set[str]]:
    """The table as the enum's own comments state it."""
    table: dict[str, set[str]] = {}
    for line in inspect.getsource(kind).splitlines():
        found = re.match(r'\s+([A-Z]+) = "\w+"  # (.*)', line)
        if found:
            arrow = found[2].partition("→")[2]
            table[found[1]] = {name for name in kind.__members__ if _named(name, arrow)}
    return table


def _named(name: str, text: str) -> bool:
    return re.search(rf"\b{name}\b", text, re.IGNORECASE) is not None


@pytest.mark.parametrize(("kind", "terminal"), [(ActionPhase, ENDED), (StepState, SETTLED)])
def test_every_state_says_its_successors_and_only_the_ended_have_none(
    kind: type[ActionPhase] | type[StepState], terminal: frozenset[ActionPhase | StepState]
) -> None:
    table = successors(kind)
    assert set(table) == set(kind.__members__)
    assert {name for name, after in table.items() if not after} == {each.name for each in terminal}


@pytest.mark.parametrize("kind", [ActionPhase, StepState])
def test_from_every_state_an_ended_one_is_reached(
    kind: type[ActionPhase] | type[StepState],
) -> None:
    table = successors(kind)
    ended = {name for name, after in table.items() if not after}
    for _ in table:
        ended |= {name for name, after in table.items() if after & ended}
    assert ended == set(table)


def test_every_kind_of_step_has_an_estimate_and_a_meaning() -> None:
    from hospital.steps import ESTIMATE_SECONDS  # noqa: PLC0415 - the table under test

    assert set(ESTIMATE_SECONDS) == set(StepKind)
    source = inspect.getsource(story.StepKind)
    assert source.count("  # ") == len(StepKind)
