"""How findings are counted, waived, and never lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

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
from hospital.unknown import UNKNOWN, guarded
from policies.judgement import judge, void_waivers
from policies.report import Source, counts, document, verdict
from policies.rules import FoundRule, all_rules

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


def waiver(rule: str, until: str = "2026-12-31") -> dict[str, str]:
    words = {"reason": "迁移中", "owner": "王主任", "control": "每日备份"}
    return {"rule": rule, "until": until, **words}


def workload(replicas: int | None = 1, *waivers: str) -> Resource:
    signed = [waiver(rule) for rule in waivers]
    fields = {"waivers": signed} | ({} if replicas is None else {"replicas": replicas})
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
    ((_, reason),) = void_waivers([found], [workload(1, "replicas")], today=TODAY)
    assert "cannot be waived" in reason.en


def test_a_waiver_that_names_no_rule_is_told() -> None:
    ((resource, reason),) = void_waivers([rule()], [workload(2, "replica")], today=TODAY)
    assert resource == "Workload/his"
    assert "names no rule" in reason.en


@pytest.mark.parametrize(
    ("today", "waived"), [(date(2026, 12, 31), True), (date(2027, 1, 1), False)]
)
def test_a_waiver_ends_with_its_last_day_and_is_told_to_have_lapsed(
    today: date, waived: bool
) -> None:
    found = rule(waived_by=SIGNER)
    (finding,) = judge([found], [workload(1, "replicas")], today=today).findings
    assert finding.waived is waived
    void = void_waivers([found], [workload(1, "replicas")], today=today)
    assert [reason.en for _, reason in void] == (
        [] if waived else ["waiver replicas lapsed on 2026-12-31"]
    )


def test_a_rule_that_raises_is_a_finding_and_never_a_pass() -> None:
    def broken(resource: Resource, facts: Facts) -> Iterator[Text]:
        raise TypeError("nobody foresaw this")

    judgement = judge([replace(rule(), check=broken)], [workload()], today=TODAY)
    assert judgement.refused
    assert judgement.findings[0].reason.en == "the rule failed: TypeError('nobody foresaw this')"


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
        Resource(
            Kind.WORKLOAD, "emr", {"workload": {"replicas": 1, "waivers": [waiver("replicas")]}}
        ),
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
        "deferred": 0,
        "clausesAttested": 0,
        "clausesNotAttested": 0,
    }
    (told,) = document(judgement, resources, source=Source("declaration", "x.yaml"))["rules"]
    assert told["judged"] == ["Workload/his", "Workload/emr", "Workload/lis"]
    assert [item["waiver"] for item in told["findings"]] == [None, waiver("replicas")]


def test_nothing_refused_but_something_unseen_is_incomplete() -> None:
    judgement = judge([rule()], [workload(2)], today=TODAY)
    assert verdict(judgement, Source("live", "hub")) == "passed"
    assert verdict(judgement, Source("live", "hub", unseen=("campus-x86",))) == "incomplete"
    refused = judge([rule()], [workload(1)], today=TODAY)
    assert verdict(refused, Source("live", "hub", unseen=("campus-x86",))) == "refused"


def unknown(**fields: object) -> Resource:
    inputs = guarded({"workload": {"waivers": [], **fields}}, "Workload/his")
    return Resource(Kind.WORKLOAD, "his", inputs)


def test_a_rule_that_reads_what_is_not_known_yet_is_deferred_and_counted() -> None:
    judgement = judge([rule()], [unknown(replicas=UNKNOWN)], today=TODAY)
    assert (judgement.findings, judgement.refused) == ((), False)
    (tally,) = judgement.tallies
    assert (tally.judged, tally.not_applicable) == ((), None)
    source = Source("state", "state.json")
    report = document(judgement, [unknown(replicas=UNKNOWN)], source=source)
    assert report["counts"]["deferred"] == 1
    assert report["verdict"] == "incomplete"
    where = "Workload/his.workload.replicas"
    reason = {"zh": f"{where} 尚未可知", "en": f"{where} is not known yet"}
    assert report["deferred"] == [
        {"rule": "replicas", "resource": "Workload/his", "reason": reason}
    ]


def test_a_rule_that_decides_without_the_unknown_decides() -> None:
    judgement = judge([rule()], [unknown(replicas=1, zone=UNKNOWN)], today=TODAY)
    assert judgement.refused
    assert judgement.deferred == ()


def test_an_object_of_no_known_kind_is_left_open_and_hides_no_other() -> None:
    privileged = {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"hostPID": True}}
    named = guarded({"kind": UNKNOWN, "metadata": {"name": "u"}, "spec": {}}, "Object/u")
    objects = [
        Resource(Kind.OBJECT, "u", {"object": named}),
        Resource(Kind.OBJECT, "p", {"object": privileged}),
    ]
    (rule,) = (found for found in all_rules() if found.rule.id == "no_host_process_namespace")
    judgement = judge([rule], objects, today=TODAY)
    assert [each.resource.name for each in judgement.findings] == ["p"]
    assert [each.resource.name for each in judgement.deferred] == ["u"]


def test_what_was_wrong_before_the_unknown_was_met_refuses_already() -> None:
    def check(resource: Resource, facts: Facts) -> Iterator[Text]:
        yield Text("甲", "first")
        yield Text("乙", str(resource.inputs["workload"]["replicas"]))

    found = replace(rule(), check=check)
    judgement = judge([found], [unknown(replicas=UNKNOWN)], today=TODAY)
    assert [finding.reason.en for finding in judgement.findings] == ["first"]
    assert judgement.refused
    assert len(judgement.deferred) == 1


def test_whether_a_rule_applies_may_be_what_is_not_known_yet() -> None:
    resource = Resource(Kind.WORKLOAD, "his", guarded({"objects": UNKNOWN}, "Workload/his"))
    judgement = judge([rule(needs=("objects",))], [resource], today=TODAY)
    assert [each.where for each in judgement.deferred] == ["Workload/his.objects"]
