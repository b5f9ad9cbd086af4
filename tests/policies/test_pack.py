"""The pack says at preview what the rules say, and loses nothing on the way."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyCustomTimeouts,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
    proxy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from hospital.rule import Gate, Kind, Resource
from hospital.unknown import UNKNOWN
from policies.intake import HOSPITAL, PREFIX, UNKNOWNS, from_pulumi
from policies.judgement import judge
from policies.nouns import from_estate
from policies.pack import name_of, plain, policies
from policies.rules import all_rules
from stacks.estate import read_estate

ROOT = Path(__file__).parents[2]
ABROAD = Path(__file__).parent / "estates" / "abroad.yaml"
LAB = ROOT / "stacks" / "estates" / "lab.yaml"
TODAY = date(2026, 11, 23)

NO_OPTIONS = PolicyResourceOptions(
    protect=False,
    ignore_changes=[],
    delete_before_replace=None,
    aliases=[],
    custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
    additional_secret_outputs=[],
)

Said = list[tuple[str, EnforcementLevel | None, str, str | None]]  # rule or policy, level, ..., urn


class Registered:
    """What the engine hands over for one resource; numbers are floats, as they come from it."""

    def __init__(self, resource: Resource) -> None:
        self.resource_type = f"{PREFIX}{resource.kind}"
        self.name = resource.name
        self.urn = f"urn:{resource.id}"
        self.props = unknown_checking_proxy(_floats(dict(resource.inputs)))


def _floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def preview(resources: tuple[Resource, ...]) -> Said:
    """Everything that all policies report, as one preview would show it."""
    said: Said = []
    registered: Any = [Registered(resource) for resource in resources]
    for policy in policies(today=lambda: TODAY):
        report = _reporter(policy, said)
        if isinstance(policy, StackValidationPolicy):
            policy.validate(StackValidationArgs(registered), report)
        elif isinstance(policy, ResourceValidationPolicy):
            for item in registered:
                policy.validate(_args(item), report)
    return said


def _args(item: Registered) -> ResourceValidationArgs:
    return ResourceValidationArgs(
        item.resource_type,
        item.props,
        item.urn,
        item.name,
        NO_OPTIONS,
        None,
    )


def _reporter(policy: Policy, said: Said) -> Any:
    def report(message: str, urn: str | None = None) -> None:
        named, _, _ = message.partition(": ")
        name = policy.name if policy.name in ("waivers", "deferred") else named
        said.append((name, policy.enforcement_level, message, urn))

    return report


def refusals(said: Said) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, level, text, _ in said:
        if level is EnforcementLevel.MANDATORY:
            found[name] = found.get(name, "") + text
    return found


def test_the_lab_estate_is_not_refused() -> None:
    assert refusals(preview(from_estate(read_estate(LAB)))) == {}


def test_an_estate_abroad_is_refused_for_each_of_its_three_faults_and_no_other() -> None:
    found = refusals(preview(from_estate(read_estate(ABROAD))))
    assert set(found) == {"residency_in_china", "product_listed", "second_site"}


PARTS = {
    "residency_in_china": (
        "国卫规划发〔2022〕29号 第18–22条",
        "位于境外站点 cloud-abroad（SG）",
        "at cloud-abroad, abroad (SG)",
        "改用 country 为 CN 的站点",
        "choose a site whose country is CN",
    ),
    "product_listed": (
        "GB/T 22239-2019 8.1.9.3",
        "产品 db-oracle 不在信创目录内",
        "product db-oracle is not listed",
        "改用目录内有效产品",
        "use a listed product",
    ),
    "second_site": (
        "GB/T 20988-2025 第5级",
        "A 类业务 his 仅在 campus-x86",
        "his, tier A, is only at campus-x86",
        "在 standbys 中增加",
        "add a site of another failure domain",
    ),
}


@pytest.mark.parametrize("rule", PARTS)
def test_each_refusal_says_clause_reason_and_remedy_in_both_languages(rule: str) -> None:
    text = refusals(preview(from_estate(read_estate(ABROAD))))[rule]
    for part in PARTS[rule]:
        assert part in text


def test_preview_and_audit_find_the_same() -> None:
    resources = from_estate(read_estate(ABROAD))
    judgement = judge(all_rules(), resources, today=TODAY)
    audited = sorted((f.rule.id, f.reason.en) for f in judgement.findings)
    previewed = [(name, text) for name, _, text, _ in preview(resources)]
    assert len(audited) == len(previewed)
    for rule_id, reason in audited:
        assert any(name == rule_id and reason in text for name, text in previewed)


def waiver(rule: str) -> dict[str, str]:
    words = {"reason": "迁移中", "owner": "王主任", "control": "每日备份"}
    return {"rule": rule, "until": "2027-12-31", **words}


def test_a_waived_finding_becomes_advice_and_names_its_resource() -> None:
    (his,) = (item for item in from_estate(read_estate(ABROAD)) if item.name == "his-campus-x86")
    workload = {**his.inputs["workload"], "waivers": [waiver("second_site")]}
    said = preview((Resource(his.kind, his.name, {**his.inputs, "workload": workload}),))
    assert [(name, level) for name, level, _, _ in said] == [("waivers", EnforcementLevel.ADVISORY)]
    assert "second_site" in said[0][2]
    assert "waived by 王主任 until 2027-12-31: 迁移中; instead: 每日备份" in said[0][2]
    assert said[0][3] == "urn:Workload/his-campus-x86"


def test_a_waiver_that_names_no_rule_becomes_advice() -> None:
    (his,) = (item for item in from_estate(read_estate(LAB)) if item.name == "his-cloud")
    workload = {**his.inputs["workload"], "tier": "D", "waivers": [waiver("secnd_site")]}
    said = preview((Resource(his.kind, his.name, {**his.inputs, "workload": workload}),))
    assert [name for name, *_ in said] == ["waivers"]
    assert "waiver secnd_site names no rule" in said[0][2]


def test_what_is_not_known_yet_is_kept_as_unknown_and_numbers_become_whole() -> None:
    props = {"id": UNKNOWN_STRING_VALUE, "level": 4.0, "list": [{"x": UNKNOWN_STRING_VALUE}, 1.5]}
    assert plain(unknown_checking_proxy(props)) == {
        "id": UNKNOWN,
        "level": 4,
        "list": [{"x": UNKNOWN}, 1.5],
    }


def test_what_waits_for_a_value_is_counted_as_advice_and_refuses_nothing() -> None:
    (his,) = (item for item in from_estate(read_estate(ABROAD)) if item.name == "his-campus-x86")
    workload = {**his.inputs["workload"], "standbys": UNKNOWN_STRING_VALUE}
    said = preview((Resource(his.kind, his.name, {"workload": workload, "site": {}}),))
    (deferred,) = [(text, level, urn) for name, level, text, urn in said if name == "deferred"]
    assert deferred[1:] == (EnforcementLevel.ADVISORY, "urn:Workload/his-campus-x86")
    assert "judgements wait for Workload/his-campus-x86.object, " in deferred[0]
    assert "Workload/his-campus-x86.workload.standbys" in deferred[0]
    assert "second_site" in deferred[0]
    assert "second_site" not in refusals(said)


def test_every_rule_of_preview_is_spoken_for_by_one_policy() -> None:
    told = {policy.name for policy in policies(today=lambda: TODAY)}
    told -= {"waivers", "deferred", "fixes"}
    asked = [found.rule for found in all_rules() if Gate.PREVIEW in found.rule.gates]
    assert told == {name_of(rule) for rule in asked}
    assert len(told) <= 16  # two scopes, two levels, four severities


def test_resources_of_other_providers_are_not_judged() -> None:
    assert from_pulumi("pulumi:pulumi:Stack", "lab", {}, urn="urn:x") == ()
    assert from_pulumi("hospital:index:Unheard", "x", {}, urn="urn:x") == ()


def test_the_engine_writes_no_other_word_for_what_it_does_not_know() -> None:
    words = {value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")}
    assert words == UNKNOWNS


class Around(Registered):
    """The component around a hospital, with what its estate says of the rules."""

    def __init__(self, **policy: Any) -> None:
        super().__init__(Resource(Kind.SITE, "lab", {"policy": policy}, urn="urn:lab"))
        self.resource_type = HOSPITAL


def told(resources: list[Registered]) -> Said:
    said: Said = []
    for policy in policies(today=lambda: TODAY):
        report = _reporter(policy, said)
        if isinstance(policy, StackValidationPolicy):
            policy.validate(StackValidationArgs(cast(Any, resources)), report)
        elif isinstance(policy, ResourceValidationPolicy):
            for item in resources:
                policy.validate(_args(item), report)
    return said


def one_copy(name: str = "his-campus-x86") -> Registered:
    (his,) = (item for item in from_estate(read_estate(LAB)) if item.name == name)
    return Registered(his)


def test_what_the_estate_sets_is_in_force_before_the_first_resource_is_judged() -> None:
    ours = Around(parameters={"replicas_redundant": {"replicas": 3}}, waivers=[])
    assert "replicas_redundant" not in refusals(told([one_copy()]))
    assert "replicas_redundant" in refusals(told([ours, one_copy()]))


def test_the_estate_waives_for_any_resource_by_its_id_and_a_void_waiver_is_told() -> None:
    named = {**waiver("replicas_redundant"), "resource": "Workload/his-campus-x86"}
    void = {**waiver("replica"), "resource": "Host/a"}
    strict = {"replicas_redundant": {"replicas": 3}}
    said = told([Around(parameters=strict, waivers=[named, void]), one_copy()])
    assert "replicas_redundant" not in refusals(said)
    advice = [text for name, _, text, _ in said if name == "waivers"]
    assert any("replicas_redundant" in text and "waived by 王主任" in text for text in advice)
    assert any("waiver replica names no rule" in text for text in advice)
    other = told([Around(parameters=strict, waivers=[named]), one_copy("his-cloud")])
    assert "replicas_redundant" in refusals(other)
