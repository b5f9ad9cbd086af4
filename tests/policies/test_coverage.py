"""How far a clause is covered, case by case; the catalogue knows every clause that a rule names."""

from __future__ import annotations

from collections import Counter

import pytest

from hospital.rule import Clause, Gate, Kind, Level, Rule, Scope, Severity, Text
from policies.coverage import (
    Covered,
    Decidable,
    Entry,
    Status,
    cover,
    coverage,
    documents,
    numbers,
)
from policies.rules import all_rules

CLAUSE = Clause("GB/T 1", "1.1 a")
SILENT = Text("其余", "the rest")
MANDATORY, ADVISORY = Level.MANDATORY, Level.ADVISORY
LONGEST = 60


def entry(decidable: Decidable, unchecked: Text | None = None, clause: Clause = CLAUSE) -> Entry:
    return Entry(clause, Text("标题", "title"), ("3",), decidable, unchecked)


def rule(
    level: Level, clause: Clause = CLAUSE, kind: Kind = Kind.SITE, scope: Scope = Scope.RESOURCE
) -> Rule:
    text = Text("一", "one")
    return Rule("r", (clause,), level, Severity.LOW, (kind,), text, text, scope=scope)


def covered(item: Entry, *rules: Rule) -> Covered:
    (found,) = cover([item], rules)
    return found


@pytest.mark.parametrize(
    ("decidable", "unchecked", "levels", "status"),
    [
        (Decidable.AUTO, None, [], Status.NOT_COVERED),
        (Decidable.AUTO, None, [ADVISORY], Status.PARTIAL),
        (Decidable.AUTO, None, [ADVISORY, ADVISORY], Status.PARTIAL),
        (Decidable.AUTO, None, [MANDATORY], Status.AUTOMATIC),
        (Decidable.AUTO, None, [ADVISORY, MANDATORY], Status.AUTOMATIC),
        (Decidable.AUTO, SILENT, [], Status.NOT_COVERED),
        (Decidable.AUTO, SILENT, [ADVISORY], Status.PARTIAL),
        (Decidable.AUTO, SILENT, [MANDATORY], Status.PARTIAL),
        (Decidable.PARTIAL, None, [], Status.NOT_COVERED),
        (Decidable.PARTIAL, None, [ADVISORY], Status.PARTIAL),
        (Decidable.PARTIAL, None, [MANDATORY, MANDATORY], Status.PARTIAL),
        (Decidable.ATTEST, None, [], Status.ATTESTED),
        (Decidable.ATTEST, None, [ADVISORY], Status.PARTIAL),
        (Decidable.ATTEST, None, [MANDATORY], Status.PARTIAL),
    ],
)
def test_a_clause_is_covered_as_far_as_rules_and_configuration_reach(
    decidable: Decidable, unchecked: Text | None, levels: list[Level], status: Status
) -> None:
    assert covered(entry(decidable, unchecked), *map(rule, levels)).status is status


@pytest.mark.parametrize("other", [Clause("GB/T 2", "1.1 a"), Clause("GB/T 1", "1.1 b")])
def test_a_rule_of_another_clause_covers_nothing(other: Clause) -> None:
    found = covered(entry(Decidable.AUTO), rule(MANDATORY, other))
    assert (found.status, found.rules, found.gates) == (Status.NOT_COVERED, (), ())


def test_every_cause_of_partial_coverage_is_told() -> None:
    found = covered(entry(Decidable.PARTIAL, SILENT), rule(ADVISORY))
    for zh in ("其余", "一部分", "提示"):
        assert zh in found.reason.zh
    for en in ("the rest", "a part", "only advise"):
        assert en in found.reason.en


def test_a_clause_has_the_gates_of_all_its_rules_in_their_order() -> None:
    declared, alone = rule(MANDATORY), rule(MANDATORY, kind=Kind.OBJECT)
    compares = rule(MANDATORY, kind=Kind.OBJECT, scope=Scope.ESTATE)
    item = entry(Decidable.AUTO)
    assert covered(item, compares, declared).gates == (Gate.PREVIEW, Gate.AUDIT)
    assert covered(item, declared, alone).gates == (Gate.PREVIEW, Gate.ADMISSION, Gate.AUDIT)


def test_every_clause_that_a_rule_names_is_in_the_catalogue() -> None:
    known = {item.entry.clause for item in coverage()}
    named = {(found.rule.id, clause) for found in all_rules() for clause in found.rule.clauses}
    assert {(name, str(clause)) for name, clause in named if clause not in known} == set()


def test_no_clause_and_no_document_is_there_twice() -> None:
    clauses = Counter(item.entry.clause for item in coverage())
    names = Counter(document.name for document in documents())
    assert [key for key, count in (clauses + names).items() if count > 1] == []


def test_the_numbers_of_documents_add_up_to_all_clauses() -> None:
    everything = coverage()
    total = numbers(everything)
    assert list(total) == list(Status)
    assert sum(total.values()) == len(everything)
    each = [numbers(cover(item.entries, [f.rule for f in all_rules()])) for item in documents()]
    assert {status: sum(one[status] for one in each) for status in Status} == total


def test_titles_are_short_words_of_our_own_in_both_languages() -> None:
    for document in documents():
        for text in (document.title, document.scope, *(it.title for it in document.entries)):
            assert any("一" <= letter <= "鿿" for letter in text.zh), text
            assert text.en.isascii()
        for item in document.entries:
            assert len(item.title.zh) <= LONGEST // 3, item
            assert len(item.title.en) <= LONGEST, item


def test_what_is_unchecked_is_said_only_of_clauses_that_would_else_count_as_decided() -> None:
    told = [item.entry for item in coverage() if item.entry.unchecked]
    assert told
    assert {item.decidable for item in told} == {Decidable.AUTO}


def test_of_every_clause_that_no_rule_covers_it_is_said_what_nothing_tells() -> None:
    silent = {item.entry.clause for item in coverage() if item.status is Status.NOT_COVERED}
    told = {item.entry.clause for item in coverage() if item.entry.untold}
    assert told == silent
