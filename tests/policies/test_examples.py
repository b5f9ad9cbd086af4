"""The two examples keep their promise: one passes every rule, the other fails every rule."""

from __future__ import annotations

from datetime import date
from functools import reduce
from pathlib import Path

import pytest

from console.files import files
from console.inspection import declared, exported, joined, surveyed
from policies.judgement import Judgement, judge
from policies.rules import all_rules

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TODAY = date(2026, 11, 25)
LIVE_ONLY = {"objects_as_declared"}
BUILT_ON_THE_SPOT = {"image_by_digest"}  # the images of the estate's own workloads


def judged(example: str) -> Judgement:
    folder = EXAMPLES / example
    parts = (
        declared(folder / "estate.yaml"),
        exported(folder / "state.json"),
        files(folder / "objects.yaml"),
        surveyed(folder / "survey.json"),
    )
    found = reduce(joined, parts)
    return judge(all_rules(), found.resources, today=TODAY, policy=found.policy)


def test_in_the_good_example_every_rule_has_something_to_judge() -> None:
    unasked = {tally.rule.id for tally in judged("passes").tallies if not tally.judged}
    assert unasked == LIVE_ONLY


def test_in_the_good_example_nothing_is_found_but_images_that_are_built_on_the_spot() -> None:
    found = {(each.rule.id, each.resource.id) for each in judged("passes").findings}
    assert {rule for rule, _ in found} == BUILT_ON_THE_SPOT
    assert all("@" in resource for _, resource in found)


def test_in_the_bad_example_every_rule_finds_something() -> None:
    silent = {tally.rule.id for tally in judged("fails").tallies if not tally.findings}
    assert silent == LIVE_ONLY


@pytest.mark.parametrize("example", ["passes", "fails"])
def test_every_rule_can_read_the_examples(example: str) -> None:
    said = [each.reason.en for each in judged(example).findings]
    assert [text for text in said if "the rule failed" in text or "cannot be judged" in text] == []
