"""What changed between two reports: never progress because less was looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text
from policies.coverage import catalogue
from policies.earlier import read
from policies.formats.reading import Change
from policies.judgement import judge
from policies.records import Attestation, attested
from policies.report import Source, document
from policies.rules import FoundRule
from policies.trend import compared, obstacle

FIRST, THEN, NOW = date(2026, 11, 1), date(2026, 11, 20), date(2026, 11, 23)
CLAUSE = "GB/T 22239-2019 8.1.9.9"


def lacking(resource: Resource, facts: Facts) -> Iterator[Text]:
    for reason in resource.inputs["reasons"]:
        yield Text(f"缺少{reason}", f"lacks {reason}")


def rule(rule_id: str, level: Level = Level.MANDATORY) -> FoundRule:
    return FoundRule(
        "mlps",
        Rule(
            id=rule_id,
            clauses=(Clause("GB/T 22239-2019", "8.1.4.2 a"),),
            level=level,
            severity=Severity.HIGH,
            kinds=(Kind.WORKLOAD,),
            title=Text("题", "title"),
            remedy=Text("改", "mend"),
            waived_by=Text("院长", "the president"),
        ),
        lacking,
    )


OWNED = rule("owned")


def report(
    day: date, *, rules: tuple[FoundRule, ...] = (OWNED,), unseen: tuple[str, ...] = (), **has: Any
) -> dict[str, Any]:
    """A report of workloads, each with what it lacks."""
    records = has.pop("records", ())
    resources = [
        Resource(Kind.WORKLOAD, name, {"workload": {}, "reasons": reasons})
        for name, reasons in has.items()
    ]
    source = Source("live", "hub", "lab", unseen=unseen)
    return document(judge(rules, resources, today=day), resources, source=source, records=records)


def after(earlier: dict[str, Any] | None, later: dict[str, Any]) -> dict[str, Any]:
    """``later`` compared with ``earlier``, which went through a file."""
    return compared(later, None if earlier is None else read(json.loads(json.dumps(earlier))))


def changes(told: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    """(resource, reason) of every finding, there or gone, to (change, since)."""
    found = [finding for each in told["rules"] for finding in each["findings"]]
    found += told["trend"]["gone"]
    return {
        (one["resource"].split("/")[1], one["reason"]["en"]): (one["change"], one["since"])
        for one in found
    }


def test_the_first_report_has_no_trend_and_first_sees_all_on_its_day() -> None:
    told = after(None, report(NOW, his=["owner"]))
    assert told["trend"] is None
    (finding,) = told["rules"][0]["findings"]
    assert (finding["since"], finding["change"]) == ("2026-11-23", None)


def test_each_finding_is_new_open_mended_or_was_not_judged_at_one_of_the_times() -> None:
    before = report(THEN, his=["owner"], lis=["owner"], emr=[], pacs=["owner"])
    told = after(before, report(NOW, his=["owner"], lis=[], emr=["owner"], hrp=["owner"]))
    assert changes(told) == {
        ("his", "lacks owner"): ("open", "2026-11-20"),
        ("lis", "lacks owner"): ("mended", "2026-11-20"),
        ("emr", "lacks owner"): ("new", "2026-11-23"),
        ("hrp", "lacks owner"): ("not judged before", "2026-11-23"),
        ("pacs", "lacks owner"): ("not judged", "2026-11-20"),
    }
    assert told["trend"]["counts"] == {
        "new": 1, "not judged before": 1, "changed": 0, "open": 1, "mended": 1, "not judged": 1,
    }  # fmt: skip
    assert told["trend"]["before"] == {"mandatory": 3, "advisory": 0, "waived": 0}
    assert (told["trend"]["date"], told["trend"]["verdict"]) == ("2026-11-20", "refused")


def test_the_first_day_is_carried_over_many_reports() -> None:
    first = after(None, report(FIRST, his=["owner"]))
    then = after(first, report(THEN, his=["owner"]))
    assert changes(after(then, report(NOW, his=["owner"]))) == {
        ("his", "lacks owner"): ("open", "2026-11-01")
    }


def test_a_finding_that_was_mended_and_came_back_is_new() -> None:
    mended = after(after(None, report(FIRST, his=["owner"])), report(THEN, his=[]))
    assert changes(after(mended, report(NOW, his=["owner"]))) == {
        ("his", "lacks owner"): ("new", "2026-11-23")
    }


def test_a_silent_site_mends_nothing_and_keeps_first_days_while_it_is_silent() -> None:
    first = after(None, report(FIRST, his=["owner"], emr=[]))
    silent = after(first, report(THEN, emr=[], unseen=("cloud",)))
    assert changes(silent) == {("his", "lacks owner"): ("not judged", "2026-11-01")}
    longer = after(silent, report(THEN, emr=[], unseen=("cloud",)))
    assert changes(longer) == changes(silent)
    assert changes(after(longer, report(NOW, his=["owner"], emr=[]))) == {
        ("his", "lacks owner"): ("open", "2026-11-01")
    }


def test_what_was_taken_away_is_told_once_and_then_forgotten() -> None:
    removed = after(report(FIRST, his=["owner"], emr=[]), report(THEN, emr=[]))
    assert [gone["change"] for gone in removed["trend"]["gone"]] == ["not judged"]
    assert after(removed, report(NOW, emr=[]))["trend"]["gone"] == []


def test_a_rule_that_is_no_longer_asked_mends_nothing() -> None:
    told = after(report(THEN, his=["owner"]), report(NOW, rules=(rule("other"),), his=[]))
    assert changes(told) == {("his", "lacks owner"): ("not judged", "2026-11-20")}


def test_a_number_that_moved_is_the_same_finding_and_another_reason_is_not() -> None:
    before = report(THEN, his=["12 days"], lis=["port 80"], emr=["disk 80 %", "disk 90 %"])
    told = after(before, report(NOW, his=["9 days"], lis=["owner"], emr=["disk 85 %"]))
    assert changes(told) == {
        ("his", "lacks 9 days"): ("changed", "2026-11-20"),
        ("lis", "lacks owner"): ("new", "2026-11-23"),
        ("lis", "lacks port 80"): ("mended", "2026-11-20"),
        ("emr", "lacks disk 85 %"): ("new", "2026-11-23"),  # which of the two it was is not known
        ("emr", "lacks disk 80 %"): ("mended", "2026-11-20"),
        ("emr", "lacks disk 90 %"): ("mended", "2026-11-20"),
    }


def test_a_finding_with_another_result_has_changed() -> None:
    before = report(THEN, rules=(rule("owned", Level.ADVISORY),), his=["owner"])
    assert changes(after(before, report(NOW, his=["owner"]))) == {
        ("his", "lacks owner"): ("changed", "2026-11-20")
    }


def test_equal_findings_are_counted_each_for_itself() -> None:
    told = after(report(THEN, his=["owner"]), report(NOW, his=["owner", "owner"]))
    assert [one["change"] for one in told["rules"][0]["findings"]] == ["open", "new"]


def recorded(day: date, *evidence: tuple[str, date]) -> dict[str, Any]:
    found = [
        Attestation(CLAUSE, "测评报告", "李工", FIRST, until, name, place="r.yaml:1")
        for name, until in evidence
    ]
    entries = [entry for entry in catalogue() if str(entry.clause) == CLAUSE]
    return report(day, records=attested(found, entries, today=day))


def test_records_have_a_history_and_a_renewed_one_mends_the_one_that_lapsed() -> None:
    lapsed = after(None, recorded(THEN, ("2025.pdf", date(2026, 11, 10))))
    (record,) = lapsed["records"]
    assert (record["status"], record["since"]) == ("lapsed", "2026-11-20")
    still = after(lapsed, recorded(NOW, ("2025.pdf", date(2026, 11, 10))))
    assert (still["records"][0]["change"], still["records"][0]["since"]) == ("open", "2026-11-20")
    renewed = after(lapsed, recorded(NOW, ("2026.pdf", date(2027, 11, 10))))
    assert [(gone["change"], gone["since"]) for gone in renewed["trend"]["gone"]] == [
        ("mended", "2026-11-20")
    ]
    assert "since" not in renewed["records"][0]


def test_every_change_is_counted_even_if_there_is_none() -> None:
    told = after(report(THEN), report(NOW))
    assert told["trend"]["counts"] == dict.fromkeys((change.value for change in Change), 0)


def test_comparing_again_gives_the_same_and_leaves_both_reports_as_they_were() -> None:
    before, now = report(THEN, his=["owner"]), report(NOW, his=["owner"], emr=["owner"])
    kept = deepcopy((before, now))
    assert after(before, now) == after(before, now)
    assert (before, now) == kept
    again = after(before, now)
    assert after(again, now) == after(after(again, now), now)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"date": "2026-11-24"}, "later than"),
        ({"source": {"estate": "other", "unseen": []}}, "estate 'other'"),
        ({"profile": {"id": "mlps2"}}, "mlps2, not by all rules"),
    ],
)
def test_reports_of_another_estate_profile_or_a_later_day_are_not_compared(
    changed: dict[str, Any], said: str
) -> None:
    found = obstacle(report(NOW), read(report(THEN) | changed))
    assert found is not None
    assert said in found.en
    assert obstacle(report(NOW), read(report(NOW))) is None


def broken() -> Iterator[Any]:
    yield from (None, [], "text", 7, {}, {"kind": "Estate"})
    good = after(report(FIRST, his=["owner"]), report(THEN, his=["owner"], unseen=("x",)))
    for name in ("schemaVersion", "date", "source", "verdict", "counts", "rules", "records"):
        yield {key: value for key, value in good.items() if key != name}
    for name, value in (
        ("kind", "Other"),
        ("schemaVersion", 99),
        ("schemaVersion", "2"),
        ("date", "yesterday"),
        ("profile", "mlps2"),
        ("rules", [{"id": "x"}]),
        ("records", [7]),
        ("trend", {"gone": [{"change": "not judged"}]}),
    ):
        yield good | {name: value}
    for name, value in (("since", "<script>"), ("since", 7), ("reason", "text"), ("resource", 1)):
        copy = deepcopy(good)
        copy["rules"][0]["findings"][0][name] = value
        yield copy


@pytest.mark.parametrize("wrong", list(broken()))
def test_a_report_that_is_none_or_half_understood_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read(wrong)


def test_a_report_of_before_there_was_a_trend_can_be_compared_with() -> None:
    old = report(THEN, his=["owner"])
    del old["coverage"]
    assert changes(after(old, report(NOW, his=["owner"]))) == {
        ("his", "lacks owner"): ("open", "2026-11-20")
    }


def test_ten_thousand_findings_are_compared_in_a_moment() -> None:
    many = {f"w{number}": [f"part {number}", "owner"] for number in range(5000)}
    told = after(report(THEN, **many), report(NOW, **many))
    assert told["trend"]["counts"]["open"] == 10_000
