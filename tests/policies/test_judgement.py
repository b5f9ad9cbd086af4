"""How findings are counted, waived, and never lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hospital.rule import (
    Clause,
    Facts,
    Kind,
    Level,
    Resource,
    Rule,
    Scope,
    Severity,
    Text,
)
from policies.judgement import judge, unknown_waivers
from policies.report import Source, counts, document, verdict
from policies.rules import FoundRule

TODAY = date(2026, 11, 23)


def small(resource: Resource, facts: Facts) -> Iterator[Text]:
    if resource.inputs["workload"]["replicas"] < 2:
        yield Text("副本不足", "too few replicas")


def rule(
    *,
    level: Level = Level.MANDATORY,
    waived_by: Text | None = None,
    needs: tuple[str, ...] = (),
) -> FoundRule:
    made = Rule(
        id="replicas",
        clauses=(Clause("GB/T 22239-2019", "8.1.4.9 c"),),
        level=level,
        severity=Severity.LOW,
        kinds=(Kind.WORKLOAD,),
        title=Text("副本", "Replicas"),
        remedy=Text("增加副本", "add replicas"),
        waived_by=waived_by,
        scope=Scope.RESOURCE,
        needs=needs,
    )
    return FoundRule("continuity", made, small)


def workload(replicas: int | None = 1, *waivers: str) -> Resource:
    fields = {"waivers": list(waivers)} | ({} if replicas is None else {"replicas": replicas})
    return Resource(Kind.WORKLOAD, "his", {"workload": fields})


SIGNER = Text("院长", "the president")


def test_a_mandatory_finding_refuses() -> None:
    assert judge([rule()], [workload()], today=TODAY).refused


def test_an_advisory_finding_is_kept_and_does_not_refuse() -> None:
    judgement = judge([rule(level=Level.ADVISORY)], [workload()], today=TODAY)
    assert len(judgement.findings) == 1
    assert not judgement.refused


def test_a_waived_finding_is_kept_called_waived_and_does_not_refuse() -> None:
    judgement = judge([rule(waived_by=SIGNER)], [workload(1, "replicas")], today=TODAY)
    assert [finding.waived for finding in judgement.findings] == [True]
    assert not judgement.refused


def test_a_waiver_of_another_rule_waives_nothing() -> None:
    assert judge([rule(waived_by=SIGNER)], [workload(1, "other")], today=TODAY).refused


def test_a_rule_that_nobody_may_waive_refuses_in_spite_of_a_waiver() -> None:
    found = rule(waived_by=None)
    assert judge([found], [workload(1, "replicas")], today=TODAY).refused
    assert "cannot be waived" in unknown_waivers([found], [workload(1, "replicas")])[0][1].en


def test_a_waiver_that_names_no_rule_is_told() -> None:
    ((resource, reason),) = unknown_waivers([rule()], [workload(2, "replica")])
    assert resource == "Workload/his"
    assert "names no rule" in reason.en


def test_what_lacks_a_field_that_a_rule_reads_is_refused() -> None:
    judgement = judge([rule()], [workload(None)], today=TODAY)
    assert judgement.refused
    assert "lacks replicas" in judgement.findings[0].reason.en


def test_a_rule_that_judged_nothing_says_why() -> None:
    (no_kind,) = judge([rule()], [], today=TODAY).tallies
    (no_input,) = judge([rule(needs=("objects",))], [workload()], today=TODAY).tallies
    (judged,) = judge([rule()], [workload(2)], today=TODAY).tallies
    assert no_kind.not_applicable == Text("没有 Workload 资源", "no Workload resource")
    assert no_input.not_applicable is not None
    assert "with objects" in no_input.not_applicable.en
    assert judged.not_applicable is None


def test_the_report_counts_every_finding_once_and_lists_what_was_judged() -> None:
    resources = [
        workload(),
        Resource(Kind.WORKLOAD, "emr", {"workload": {"replicas": 1, "waivers": ["replicas"]}}),
        Resource(Kind.WORKLOAD, "lis", {"workload": {"replicas": 2}}),
    ]
    judgement = judge([rule(waived_by=SIGNER)], resources, today=TODAY)
    assert counts(judgement, resources) == {
        "rules": 1,
        "rulesNotApplicable": 0,
        "resources": 3,
        "judgements": 3,
        "mandatory": 1,
        "advisory": 0,
        "waived": 1,
    }
    (told,) = document(judgement, resources, source=Source("declaration", "x.yaml"))["rules"]
    assert told["judged"] == ["Workload/his", "Workload/emr", "Workload/lis"]
    assert [item["waived"] for item in told["findings"]] == [False, True]


def test_nothing_refused_but_something_unseen_is_incomplete() -> None:
    judgement = judge([rule()], [workload(2)], today=TODAY)
    assert verdict(judgement, Source("live", "hub")) == "passed"
    assert verdict(judgement, Source("live", "hub", unseen=("campus-x86",))) == "incomplete"
    refused = judge([rule()], [workload(1)], today=TODAY)
    assert verdict(refused, Source("live", "hub", unseen=("campus-x86",))) == "refused"
