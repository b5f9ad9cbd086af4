"""Row by row: what counts as the same, as moving, and as a difference."""

from __future__ import annotations

from itertools import product

import pytest

from hospital.comparison import compare

ROW = ("his.orders", "(1)")
NAMES = ("campus-x86-db-1", "cloud-db-1")


def image(digest: str | None) -> dict[tuple[str, str], str]:
    return {} if digest is None else {ROW: digest}


def outcome(before: str | None, second: str | None, after: str | None) -> str:
    found = compare(image(before), image(second), image(after), names=NAMES)
    counted = {"same": found.rows, "moving": found.moving, "different": len(found.different)}
    return next((name for name, number in counted.items() if number), "nothing")


@pytest.mark.parametrize("digest", ["a", "b"])
def test_a_steady_row_must_be_the_same(digest: str) -> None:
    assert outcome("a", digest, "a") == ("same" if digest == "a" else "different")


def test_a_steady_row_that_is_missing_or_only_there_is_a_difference() -> None:
    assert outcome("a", None, "a") == "different"
    assert outcome(None, "a", None) == "different"


def test_a_row_that_changed_meanwhile_is_moving_in_whatever_state_it_is_seen() -> None:
    for second in ("a", "b", "between"):
        assert outcome("a", second, "b") == "moving"


def test_a_row_that_changed_meanwhile_must_still_be_there() -> None:
    assert outcome("a", None, "b") == "different"


def test_a_row_written_meanwhile_may_be_there_or_not() -> None:
    assert outcome(None, None, "a") == "moving"
    assert outcome(None, "a", "a") == "moving"


def test_a_row_deleted_meanwhile_may_be_there_or_not() -> None:
    assert outcome("a", "a", None) == "moving"
    assert outcome("a", None, None) == "moving"


def test_whatever_is_counted_is_counted_once() -> None:
    for before, second, after in product([None, "a", "b"], repeat=3):
        found = compare(image(before), image(second), image(after), names=NAMES)
        held = any(value is not None for value in (before, second, after))
        assert found.rows + found.moving + len(found.different) == int(held)


def test_a_difference_names_table_key_and_what_differs() -> None:
    found = compare({ROW: "a"}, {}, {ROW: "a"}, names=NAMES)
    assert found.different == ("his.orders (1): missing in the second",)
