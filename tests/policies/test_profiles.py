"""Which rules and clauses a profile holds: computed, complete, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from hospital.errors import DeclarationError
from hospital.rule import Clause, Level, Rule, Severity, Text
from policies.coverage import Decidable, Entry, Status, catalogue
from policies.profiles import Profile, Selection, named, profiles, select, summary
from policies.rules import FoundRule, all_rules

ROOT = Path(__file__).parents[2]
MLPS, CRYPTO = "GB/T 22239-2019", "GB/T 39786-2021"
TITLE = Text("等保二级", "level 2")


def entry(place: str, *levels: str, document: str = MLPS) -> Entry:
    return Entry(Clause(document, place), TITLE, levels, Decidable.AUTO)


def rule(rule_id: str, *places: str, family: str = "mlps", document: str = MLPS) -> FoundRule:
    clauses = tuple(Clause(document, place) for place in places)
    made = Rule(rule_id, clauses, Level.MANDATORY, Severity.LOW, (), TITLE, TITLE)
    return FoundRule(family, made, lambda resource, facts: ())


def profile(families: tuple[str, ...] = (), **levels: str) -> Profile:
    by_document = {MLPS: levels["mlps"]} if "mlps" in levels else {}
    by_document |= {CRYPTO: levels["crypto"]} if "crypto" in levels else {}
    return Profile("p", TITLE, by_document, frozenset(families))


ENTRIES = (
    entry("1", "2", "3"),
    entry("2", "3"),
    entry("3"),
    entry("4", "2 可", "3 宜", document=CRYPTO),
    entry("5", "3 应", document=CRYPTO),
)
RULES = (
    rule("of_two", "1"),
    rule("of_three", "2"),
    rule("of_all", "3"),
    rule("of_both", "2", "1", family="data"),
    rule("of_crypto", "4", document=CRYPTO),
    rule("of_family", "2", family="continuity"),
)


def places(chosen: Selection) -> list[str]:
    return [item.clause.place for item in chosen.entries]


def ids(chosen: Selection) -> list[str]:
    return [found.rule.id for found in chosen.rules]


def test_a_rule_belongs_if_one_of_its_clauses_applies_at_the_level() -> None:
    chosen = select(profile(mlps="2"), RULES, entries=ENTRIES)
    assert ids(chosen) == ["of_two", "of_all", "of_both"]
    assert places(chosen) == ["1", "3"]


def test_levels_with_a_modal_word_are_levels_all_the_same() -> None:
    assert places(select(profile(crypto="2"), RULES, entries=ENTRIES)) == ["4"]
    assert places(select(profile(crypto="3"), RULES, entries=ENTRIES)) == ["4", "5"]


def test_a_family_brings_its_rules_and_the_clauses_that_they_name() -> None:
    chosen = select(profile(("continuity",)), RULES, entries=ENTRIES)
    assert ids(chosen) == ["of_family"]
    assert places(chosen) == ["2"]


def test_a_rule_that_comes_by_its_clause_brings_no_other_clause() -> None:
    assert "2" not in places(select(profile(mlps="2"), RULES, entries=ENTRIES))


def test_a_clause_is_covered_by_the_rules_of_the_profile_only() -> None:
    (item,) = select(profile(("continuity",)), RULES, entries=ENTRIES).covered
    assert [each.id for each in item.rules] == ["of_family"]


def test_without_profile_all_rules_and_clauses_are_chosen() -> None:
    chosen = select(None, RULES, entries=ENTRIES)
    assert (chosen.rules, chosen.entries) == (RULES, ENTRIES)


def chosen_of(name: str) -> Selection:
    return select(named(name), all_rules(), entries=catalogue())


@pytest.mark.parametrize(
    ("name", "profile_id"),
    [
        ("等保三级三甲", "mlps3-grade-a"),
        ("等保二级", "mlps2"),
        ("密评三级", "crypto3"),
        ("信创", "localization"),
    ],
)
def test_a_profile_has_two_names(name: str, profile_id: str) -> None:
    assert named(name) is named(profile_id)
    assert named(name).title.en.isascii()


@pytest.mark.parametrize(
    ("name", "near"), [("mlps", "mlps2"), ("cryto3", "crypto3"), ("等保三级", "等保三级三甲")]
)
def test_an_unknown_name_is_met_with_the_near_one_and_the_list(name: str, near: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        named(name)
    told = str(refused.value)
    assert f"did you mean '{near}'?" in told
    assert all(each.id in told and each.title.zh in told for each in profiles())


def test_no_name_is_given_twice() -> None:
    names = [name for each in profiles() for name in (each.id, each.title.zh)]
    assert len(names) == len(set(names))


def test_profiles_name_only_documents_levels_and_families_that_exist() -> None:
    levels = {(each.clause.document, level[0]) for each in catalogue() for level in each.levels}
    families = {found.family for found in all_rules()}
    for each in profiles():
        assert each.levels.items() <= levels
        assert each.families <= families


@pytest.mark.parametrize("name", [each.id for each in profiles()])
def test_no_profile_is_empty_and_none_is_everything(name: str) -> None:
    chosen = chosen_of(name)
    assert 0 < len(chosen.rules) < len(all_rules())
    assert 0 < len(chosen.entries) < len(catalogue())


def test_level_two_is_within_level_three_of_mlps() -> None:
    two, three = chosen_of("mlps2"), chosen_of("mlps3-grade-a")
    assert set(ids(two)) < set(ids(three))
    assert set(places(two)) < set(places(three))


def test_the_profiles_hold_the_families_that_they_are_about() -> None:
    by_family = {
        family: {found.rule.id for found in all_rules() if found.family == family}
        for family in ("continuity", "data", "localization")
    }
    assert by_family["continuity"] | by_family["data"] <= set(ids(chosen_of("等保三级三甲")))
    assert by_family["localization"] == set(ids(chosen_of("信创")))


def test_a_profile_of_one_document_speaks_of_no_other() -> None:
    for name, document in (("mlps2", MLPS), ("crypto3", CRYPTO)):
        assert {item.clause.document for item in chosen_of(name).entries} == {document}


def test_the_summary_counts_what_was_chosen() -> None:
    chosen = chosen_of("crypto3")
    told = summary(named("crypto3"), chosen)
    assert told["title"]["zh"] == "密评三级"
    assert (told["rules"], told["clauses"]) == (len(chosen.rules), len(chosen.entries))
    assert sum(told["counts"].values()) == told["clauses"]
    assert list(told["counts"]) == list(Status)


def test_the_documentation_names_every_profile() -> None:
    page = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    assert all(f"| `{each.id}` | {each.title.zh} |" in page for each in profiles())
