"""What records are worth on a day, how they are read, and how every report tells it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from console.records import read_records
from hospital.errors import DeclarationError
from hospital.rule import Clause, Text
from policies.coverage import Decidable, Entry, catalogue
from policies.formats.attestations import as_rules
from policies.judgement import judge
from policies.recorded import read
from policies.records import (
    Attestation,
    Attested,
    Standing,
    attested,
    not_shown,
    numbers,
)
from policies.report import Source, document

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
SHOWN = "GB/T 22239-2019 8.1.9.9"
KNOWN, OTHER = sha256(b"signed").hexdigest(), sha256(b"signed later").hexdigest()


def entry(decidable: Decidable, place: str = "8.1.9.9") -> Entry:
    clause = Clause("GB/T 22239-2019", place)
    return Entry(clause, Text("等级测评", "regular assessment"), ("3",), decidable)


ASKED = entry(Decidable.ATTEST)


def attestation(**changed: Any) -> Attestation:
    made = Attestation(SHOWN, "测评报告", "王主任", TODAY - DAY, TODAY + DAY, "report.pdf")
    return replace(made, **changed)


def worth(*found: Attestation, entries: Sequence[Entry] = (ASKED,)) -> list[Standing]:
    return [item.standing for item in attested(found, entries, today=TODAY)]


@pytest.mark.parametrize(
    ("changed", "standing"),
    [
        ({}, Standing.VALID),
        ({"since": TODAY, "until": TODAY}, Standing.VALID),
        ({"until": TODAY - DAY}, Standing.LAPSED),
        ({"sha256": KNOWN, "found": KNOWN}, Standing.VALID),
        ({"sha256": KNOWN, "found": OTHER}, Standing.CHANGED),
        ({"sha256": KNOWN, "found": OTHER, "until": TODAY - DAY}, Standing.CHANGED),
        ({"sha256": KNOWN, "found": OTHER, "since": TODAY + DAY}, Standing.CHANGED),
    ],
)
def test_a_record_counts_from_its_first_to_its_last_day_while_its_evidence_is_the_same(
    changed: dict[str, Any], standing: Standing
) -> None:
    assert worth(attestation(**changed)) == [standing]


def test_only_lapsed_and_changed_records_refuse() -> None:
    said = Text("甲", "a")
    refuses = {each for each in Standing if Attested(ASKED, each, said).refuses}
    assert refuses == {Standing.LAPSED, Standing.CHANGED}


def test_a_clause_without_record_is_missing_one_if_only_a_record_can_show_it() -> None:
    entries = [entry(kind, kind) for kind in Decidable]
    (missing,) = attested([], entries, today=TODAY)
    assert (missing.standing, missing.entry.decidable) == (Standing.MISSING, Decidable.ATTEST)


def test_a_record_to_come_leaves_its_clause_without_until_then() -> None:
    coming = attestation(since=TODAY + DAY)
    assert worth(coming) == [Standing.NOT_YET, Standing.MISSING]
    assert worth(coming, attestation(evidence="old.pdf")) == [Standing.NOT_YET, Standing.VALID]


def test_a_record_of_what_configuration_decides_is_void_and_one_of_the_rest_counts() -> None:
    assert worth(attestation(), entries=[entry(Decidable.AUTO)]) == [Standing.VOID]
    assert worth(attestation(), entries=[entry(Decidable.PARTIAL)]) == [Standing.VALID]


def test_every_record_of_a_clause_is_judged_for_itself() -> None:
    lapsed = attestation(evidence="last-year.pdf", until=TODAY - DAY)
    found = attested([attestation(), lapsed], [ASKED], today=TODAY)
    assert [item.standing for item in found] == [Standing.VALID, Standing.LAPSED]
    assert numbers(found) == (0, 1)


def test_records_of_clauses_that_nobody_asked_for_are_left_out() -> None:
    assert worth(attestation(), entries=[]) == []


def test_evidence_that_is_not_here_counts_and_is_told_not_to_have_been_compared() -> None:
    (item,) = attested([attestation(sha256=KNOWN)], [ASKED], today=TODAY)
    assert item.standing is Standing.VALID
    assert "not checked" in item.reason.en
    (item,) = attested([attestation(sha256=KNOWN, found=KNOWN)], [ASKED], today=TODAY)
    assert "not checked" not in item.reason.en


def test_without_records_every_clause_that_needs_one_is_not_shown_and_nothing_refuses() -> None:
    found = not_shown(catalogue())
    asked = [each for each in catalogue() if each.decidable is Decidable.ATTEST]
    assert [item.entry for item in found] == asked
    assert {item.standing for item in found} == {Standing.NOT_SHOWN}
    assert numbers(found) == (0, len(asked))
    assert not any(item.refuses for item in found)


def plain(**changed: Any) -> dict[str, Any]:
    made = {
        "clause": SHOWN,
        "title": "测评报告",
        "owner": "王主任",
        "date": "2026-05-12",
        "until": "2027-05-11",
        "evidence": "report.pdf",
    }
    return {name: value for name, value in (made | changed).items() if value is not None}


def problems(value: object) -> list[str]:
    with pytest.raises(DeclarationError) as refused:
        read(value, catalogue(), locate=lambda path: f"records.yaml:{path}")
    return [problem.message for problem in refused.value.problems]


def test_a_record_is_read_as_it_stands() -> None:
    value = [plain(sha256=KNOWN.upper())]
    (found,) = read(value, catalogue(), locate=lambda path: "records.yaml:3")
    assert found == Attestation(
        clause=SHOWN,
        title="测评报告",
        owner="王主任",
        since=date(2026, 5, 12),
        until=date(2027, 5, 11),
        evidence="report.pdf",
        sha256=KNOWN,
        place="records.yaml:3",
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"clause": "GB/T 22239-2019 8.1.9.99"}, "unknown clause"),
        ({"owner": None}, "'owner' is missing"),
        ({"owner": "  "}, "expected text"),
        ({"until": "soon"}, "no day"),
        ({"until": "2026-05-11"}, "is before 2026-05-12"),
        ({"sha256": "abc"}, "not a SHA-256 digest"),
        ({"evidence": 20260512}, "expected text"),
        ({"untill": "2027-05-11"}, "unknown field"),
    ],
)
def test_what_is_wrong_with_a_record_is_told(changed: dict[str, Any], message: str) -> None:
    (told,) = problems([plain(**changed)])
    assert message in told


@pytest.mark.parametrize("value", [{}, "records", [["a"]], ["a"], [None], None])
def test_what_is_no_list_of_records_is_refused(value: object) -> None:
    assert problems(value)


def test_every_problem_is_told_at_once() -> None:
    told = problems([plain(owner=None, clause="8.1.9.9"), plain(until="2020-01-01"), plain()])
    assert len(told) == 4  # the third has the clause and evidence of the second


def test_a_mistyped_clause_is_met_with_the_one_that_is_near() -> None:
    with pytest.raises(DeclarationError) as refused:
        read([plain(clause="GB/T 22239 8.1.9.9")], catalogue(), locate=lambda path: "x")
    assert refused.value.problems[0].remedy == f"did you mean '{SHOWN}'?"


def written(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "records.yaml"
    path.write_text(json.dumps(records, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "recorded", "found"),
    [(b"signed", KNOWN, KNOWN), (b"signed later", KNOWN, OTHER), (None, KNOWN, "")],
)
def test_evidence_beside_the_records_is_compared_when_it_is_there(
    tmp_path: Path, content: bytes | None, recorded: str, found: str
) -> None:
    if content is not None:
        (tmp_path / "report.pdf").write_bytes(content)
    (item,) = read_records(written(tmp_path, plain(sha256=recorded)))
    assert (item.sha256, item.found) == (recorded, found)


def test_evidence_without_digest_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"signed")
    found = read_records(written(tmp_path, plain(), plain(evidence="文号" * 400)))
    assert [item.found for item in found] == ["", ""]


def test_evidence_that_cannot_be_read_is_refused_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, plain(), plain(evidence="e" * 400, sha256=KNOWN))
    with pytest.raises(DeclarationError) as refused:
        read_records(path)
    (problem,) = refused.value.problems
    assert problem.where == f"{path}:10"
    assert "cannot be read" in problem.message


@pytest.mark.parametrize("text", ["", "[]\n---\n[]\n", "- {clause: [", "&a [*a]"])
def test_a_file_that_is_not_one_list_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "records.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=re.escape(str(path))):
        read_records(path)


def test_a_problem_names_file_and_line_of_its_record(tmp_path: Path) -> None:
    path = tmp_path / "records.yaml"
    path.write_text(
        f"# of the hospital\n- clause: {SHOWN}\n  title: a\n  owner: b\n  date: 2026-05-12\n"
        f"  until: 2027-05-11\n  evidence: c\n- clause: {SHOWN}\n",
        encoding="utf-8",
    )
    with pytest.raises(DeclarationError) as refused:
        read_records(path)
    assert {problem.where for problem in refused.value.problems} == {f"{path}:8"}


def report(*found: Attestation, entries: Sequence[Entry] = (ASKED,)) -> dict[str, Any]:
    records = attested(found, entries, today=TODAY)
    judgement = judge([], [], today=TODAY)
    return document(judgement, [], source=Source("declaration", "x.yaml"), records=records)


@pytest.mark.parametrize(
    ("changed", "verdict", "mandatory", "shown"),
    [
        ({}, "passed", 0, 1),
        ({"until": TODAY - DAY}, "refused", 1, 0),
        ({"sha256": KNOWN, "found": OTHER}, "refused", 1, 0),
        ({"since": TODAY + DAY}, "passed", 0, 0),
    ],
)
def test_the_verdict_and_the_counts_follow_the_records(
    changed: dict[str, Any], verdict: str, mandatory: int, shown: int
) -> None:
    told = report(attestation(**changed))
    counts = told["counts"]
    assert (told["verdict"], counts["mandatory"]) == (verdict, mandatory)
    assert (counts["clausesAttested"], counts["clausesNotAttested"]) == (shown, 1 - shown)


def test_a_missing_record_advises() -> None:
    told = report()
    assert (told["verdict"], told["counts"]["advisory"]) == ("passed", 1)


def test_the_report_says_who_answers_until_when_by_which_evidence() -> None:
    (told,) = report(attestation(place="records.yaml:3"))["records"]
    reason = told.pop("reason")
    assert told == {
        "clause": SHOWN,
        "title": {"zh": "等级测评", "en": "regular assessment"},
        "status": "valid",
        "record": "测评报告",
        "owner": "王主任",
        "date": "2026-11-22",
        "until": "2026-11-24",
        "evidence": "report.pdf",
        "place": "records.yaml:3",
    }
    assert "王主任" in reason["zh"]
    assert "王主任" in reason["en"]


def test_every_clause_of_the_catalogue_gets_an_identifier_of_its_own() -> None:
    entries = [replace(each, decidable=Decidable.ATTEST) for each in catalogue()]
    ids = [rule["id"] for rule in as_rules(report(entries=entries)["records"])]
    assert len(ids) == len(entries)
    assert [key for key, count in Counter(ids).items() if count > 1] == []
    assert [each for each in ids if not re.fullmatch(r"[^\W\d][\w.-]*", each)] == []


def test_the_example_in_the_documentation_is_what_it_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(- clause: .*?)```", page, re.DOTALL)
    (day,) = re.findall(r"On (\d{4}-\d\d-\d\d) both are `valid`", page)
    path = tmp_path / "records.yaml"
    path.write_text(example, encoding="utf-8")
    found = attested(read_records(path), catalogue(), today=date.fromisoformat(day))
    standings = Counter(item.standing for item in found)
    assert standings.keys() == {Standing.VALID, Standing.MISSING}
    assert standings[Standing.VALID] == 2
