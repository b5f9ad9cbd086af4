"""The pages on disk are what the rules and the catalogue say today."""

from __future__ import annotations

from dataclasses import replace

from hospital.rule import Text
from policies.coverage import Status, coverage, documents, numbers
from policies.pages import DIRECTORY, coverage_page, generate, rules_page
from policies.rules import all_rules


def rows(page: str, columns: int) -> list[list[str]]:
    cells = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return [row for row in cells if len(row) == columns]


def test_files_on_disk_equal_the_generated() -> None:
    on_disk = {name: (DIRECTORY / name).read_bytes() for name in generate()}
    assert on_disk == {name: text.encode() for name, text in generate().items()}, (
        "run: python -m policies.pages"
    )


def test_the_page_of_rules_has_one_row_for_every_rule() -> None:
    told = [(row[0], row[1], row[3]) for row in rows(generate()["policy-rules.md"], 8)[1:]]
    found = [(f"`{item.rule.id}`", item.family, item.rule.level.value) for item in all_rules()]
    assert told == found


def test_the_page_of_coverage_has_the_total_and_every_clause_with_its_status() -> None:
    page = generate()["policy-coverage.md"]
    covered = coverage()
    total = " | ".join(str(number) for number in (len(covered), *numbers(covered).values()))
    assert f"| **all · 合计** | {total} |" in page
    told = [(row[0], row[3]) for row in rows(page, 7) if row[0] != "clause"]
    assert told == [(item.entry.clause.place, item.status.value) for item in covered]


def test_the_numbers_stand_above_the_clauses() -> None:
    page = coverage_page(documents(), coverage())
    assert page.index("**all · 合计**") < page.index("\n## ")
    assert all(status in page[: page.index("\n## ")] for status in Status)


def test_a_bar_in_a_title_does_not_break_the_table() -> None:
    first = all_rules()[0]
    barred = replace(first, rule=replace(first.rule, title=Text("甲|乙", "a|b")))
    assert r"| 甲\|乙 / a\|b |" in rules_page([barred])


def test_the_page_for_readers_leads_to_both() -> None:
    text = (DIRECTORY / "policies.md").read_text(encoding="utf-8")
    assert all(f"({name})" in text for name in generate())
