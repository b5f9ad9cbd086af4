"""The page of prechecks on disk is what the checks say today."""

from __future__ import annotations

from dataclasses import replace

from console.checks_page import PAGE, page
from hospital.prechecks import all_checks
from hospital.rule import Text


def test_the_file_on_disk_equals_the_generated() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m console.checks_page"


def test_every_check_has_one_row_with_both_languages_and_its_reason() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert len(rows) == len(all_checks())
    for check in all_checks():
        (row,) = [each for each in rows if each.startswith(f"| `{check.id}` |")]
        assert check.title.zh in row
        assert check.remedy.en in row
        assert row.count(" | ") == 5
        assert all(cell.strip() for cell in row.strip("|").split(" | "))


def test_a_bar_in_a_title_does_not_break_the_table() -> None:
    barred = replace(all_checks()[0], title=Text("甲|乙", "a|b"))
    assert r"| 甲\|乙 / a\|b |" in page([barred])
