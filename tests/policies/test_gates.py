"""One rule, three gates: every fixture gets the same verdict, for the same reasons, at each.

Audit judges what a file holds, preview what Pulumi hands to the pack, admission what an API server
sends; for rules in CEL a real API server judges too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from pulumi_policy import ResourceValidationPolicy, StackValidationArgs
from third_gate import PROTECTED, Api, eventually, privileged_pod

from hospital.manifest import CONTAINERS, normal, pod_of
from hospital.rule import PODS, Gate, Kind, Resource, Scope
from policies import cel
from policies.intake import PREFIX, from_object
from policies.judgement import judge
from policies.pack import policies
from policies.review import LONGEST_WARNING, admission_rules, answer, findings, read
from policies.rules import FoundRule, all_rules
from policies.webhook import RESOURCES, WORKLOAD_LABEL

FIXTURES = Path(__file__).parent / "fixtures"
TODAY = date(2026, 11, 23)
UNDER_TEST = "rule-under-test"

Object = dict[str, Any]
Reasons = list[tuple[str, str]]  # zh, en


def fixtures(found: FoundRule) -> Iterator[tuple[date, Object]]:
    for name in ("fail.yaml", "pass.yaml"):
        text = (FIXTURES / found.rule.id / name).read_text(encoding="utf-8")
        content = yaml.safe_load(text)
        yield content.get("today", TODAY), content


def objects_of(found: FoundRule) -> Iterator[tuple[date, Object]]:
    for today, content in fixtures(found):
        for item in content.get("objects", ()):
            yield today, item


def that_claim(*gates: Gate, scope: Scope) -> Any:
    rules = [
        found
        for found in all_rules()
        if Kind.OBJECT in found.rule.kinds
        and found.rule.scope is scope
        and set(gates) <= set(found.rule.gates)
    ]
    return pytest.mark.parametrize("found", rules, ids=lambda found: found.rule.id)


def audited(found: FoundRule, resources: Iterable[Resource], today: date) -> Reasons:
    findings = judge([found], resources, today=today).findings
    return [(finding.reason.zh, finding.reason.en) for finding in findings]


def previewed(found: FoundRule, registered: Iterable[Any], today: date) -> Reasons:
    """What the pack's policy of that rule reports of resources as the engine hands them over."""
    reports: list[str] = []
    (policy,) = (each for each in policies(today=lambda: today) if each.name == found.rule.id)
    items: list[Any] = list(registered)
    if isinstance(policy, ResourceValidationPolicy):
        for item in items:
            policy.validate(item, lambda text, urn=None: reports.append(text))
    else:
        policy.validate(StackValidationArgs(items), lambda text, urn=None: reports.append(text))
    return [(line_of(report, "原因："), line_of(report, "Reason: ")) for report in reports]


def workload_around(*items: Object) -> Any:
    """A workload at a site whose objects are these, as the engine registers it."""
    props = {"workload": {}, "site": {}, "objects": list(items)}
    return SimpleNamespace(
        resource_type=f"{PREFIX}{Kind.WORKLOAD}", name="around", urn="urn:around", props=props
    )


def admitted(found: FoundRule, item: Object, today: date) -> Object:
    """The response to a review of that object by that rule alone."""
    request = {
        "uid": "1",
        "kind": {"kind": item["kind"]},
        "operation": "CREATE",
        "userInfo": {"username": "sre"},
        "object": item,
    }
    document = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    asked = read(document)
    response: Object = answer(asked, findings(asked, (found,), today=today))["response"]
    return response


def line_of(text: str, label: str) -> str:
    (line,) = (line for line in text.splitlines() if line.startswith(label))
    return line.removeprefix(label)


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_WARNING else f"{text[: LONGEST_WARNING - 1]}…"


@that_claim(Gate.PREVIEW, Gate.AUDIT, scope=Scope.RESOURCE)
def test_preview_and_audit_give_the_same_reasons_for_every_object(found: FoundRule) -> None:
    judged = 0
    for today, item in objects_of(found):
        reasons = audited(found, [from_object(item)], today)
        assert previewed(found, [workload_around(item)], today) == reasons
        judged += len(reasons)
    assert judged


@that_claim(Gate.PREVIEW, Gate.AUDIT, scope=Scope.ESTATE)
def test_preview_and_audit_give_the_same_reasons_where_objects_are_compared(
    found: FoundRule,
) -> None:
    judged = 0
    for today, content in fixtures(found):
        items = content.get("objects", ())
        reasons = audited(found, [from_object(item) for item in items], today)
        assert previewed(found, [workload_around(*items)], today) == reasons
        judged += len(reasons)
    assert judged


@pytest.mark.parametrize(
    "found",
    [
        found
        for found in all_rules()
        if Kind.OBJECT not in found.rule.kinds and Gate.PREVIEW in found.rule.gates
    ],
    ids=lambda found: found.rule.id,
)
def test_preview_and_audit_give_the_same_reasons_for_every_resource(found: FoundRule) -> None:
    judged = 0
    for today, content in fixtures(found):
        items = content["resources"]
        resources = [Resource(Kind(one["kind"]), one["name"], one["inputs"]) for one in items]
        registered = [
            SimpleNamespace(
                resource_type=f"{PREFIX}{one['kind']}",
                name=one["name"],
                urn=f"urn:{one['name']}",
                props=one["inputs"],
            )
            for one in items
        ]
        reasons = audited(found, resources, today)
        assert previewed(found, registered, today) == reasons
        judged += len(reasons)
    assert judged


@that_claim(Gate.ADMISSION, Gate.AUDIT, scope=Scope.RESOURCE)
def test_admission_and_audit_give_the_same_reasons_for_every_object(found: FoundRule) -> None:
    judged = 0
    for today, item in objects_of(found):
        reasons = audited(found, [from_object(item)], today)
        response = admitted(found, item, today)
        message = response.get("status", {}).get("message", "")
        if reasons and found.rule.level == "mandatory":
            assert message.startswith(f"{found.rule.id}: ")
            assert line_of(message, "原因：") == "；".join(zh for zh, _ in reasons)
            assert line_of(message, "Reason: ") == "; ".join(en for _, en in reasons)
        else:
            assert response["allowed"] is True
            said = [shortened(f"{found.rule.id}: {text}") for pair in reasons for text in pair]
            assert response.get("warnings", []) == said
        judged += len(reasons)
    assert judged


def completed(item: Object, namespace: str) -> Object:
    """A fixture's object with all that an API server demands and no rule looks at."""
    made: Object = deepcopy(normal(item))
    served = RESOURCES[made["kind"]]
    made["apiVersion"] = "/".join(part for part in served[:2] if part)
    made["metadata"].pop("generateName", None)
    made["metadata"]["name"] = "thing"
    made["metadata"].pop("namespace", None)
    if served.namespaced:
        made["metadata"]["namespace"] = namespace
    if made["kind"] in PODS and "spec" in made:
        _complete_pod(made)
    if made["kind"] == "Service":
        ports = made.setdefault("spec", {}).setdefault("ports", [{"port": 80}])
        for number, port in enumerate(ports):
            port.setdefault("name", f"port-{number}")
    if made["kind"] == "Secret":
        made["metadata"].setdefault("annotations", {}).setdefault(
            "kubernetes.io/service-account.name", "default"
        )
    for subject in made.get("subjects", ()):
        subject.setdefault("kind", "User")
    return made


def _complete_pod(made: Object) -> None:
    pod: Any = pod_of(made)
    pod.pop("ephemeralContainers", None)  # they only ever come to a pod that lives
    pod.setdefault("containers", [{"name": "main"}])
    for kind in CONTAINERS:
        for container in pod.get(kind, ()):
            container.setdefault("image", "registry.hospital.test/thing:1")
    spec = made["spec"]
    if made["kind"] in ("Job", "CronJob"):
        pod["restartPolicy"] = "Never"
    if made["kind"] == "CronJob":
        spec.setdefault("schedule", "0 3 * * *")
    elif made["kind"] not in ("Pod", "Job"):
        selector = {"app": "thing"}
        spec["template"].setdefault("metadata", {})["labels"] = selector
        plain = made["kind"] == "ReplicationController"
        spec["selector"] = selector if plain else {"matchLabels": selector}
    if made["kind"] == "StatefulSet":
        spec.setdefault("serviceName", "thing")


@pytest.mark.lab
@pytest.mark.usefixtures("gate")
def test_a_real_api_server_is_answered_by_the_webhook_what_audit_says_of_the_file(api: Api) -> None:
    """Defaults are filled in and types checked on the way; no verdict may depend on that."""
    rules = admission_rules()
    judged = 0
    for found in rules:
        for today, fixture in objects_of(found):
            if fixture["kind"] not in RESOURCES:
                continue
            here = "default" if "default" in fixture["metadata"].values() else PROTECTED
            item = completed(fixture, here)
            answered = api.create(item)
            if answered.status_code in (400, 422):
                continue  # no object that any API server would take
            told = judge(rules, [from_object(item)], today=today).findings
            refusing = {finding.rule.id for finding in told if finding.refuses}
            _, _, said = answered.json().get("message", "").partition("denied the request: ")
            assert {part.partition(":")[0] for part in said.split("\n\n") if part} == refusing
            assert answered.is_success is not bool(refusing), answered.text
            judged += 1
    assert judged > 3 * len(rules)


@pytest.fixture(scope="module")
def policed(api: Api) -> Iterator[Api]:
    """Every generated policy is in force, each in a namespace of its own."""
    made = []
    for item in map(deepcopy, cel.admission_policies()):
        if item["kind"] == "ValidatingAdmissionPolicyBinding":
            selector = item["spec"]["matchResources"]["namespaceSelector"]
            key = {"key": UNDER_TEST, "operator": "In", "values": [item["spec"]["policyName"]]}
            selector["matchExpressions"].append(key)
        made.append(api.make(item))
    for found in all_rules():
        if found.rule.id in cel.EXPRESSIONS:
            labels = {WORKLOAD_LABEL: "his", UNDER_TEST: cel.name_of(found.rule)}
            metadata = {"name": namespace_of(found), "labels": labels}
            api.make({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    eventually(lambda: not api.create(privileged_pod("x", "no-privileged-container")).is_success)
    yield api
    for item in made:
        api.delete(item)


def namespace_of(found: FoundRule) -> str:
    return found.rule.id.replace("_", "-")


@pytest.mark.lab
@pytest.mark.parametrize(
    "found",
    [found for found in all_rules() if found.rule.id in cel.EXPRESSIONS],
    ids=lambda found: found.rule.id,
)
def test_a_real_api_server_refuses_by_its_policy_what_the_rule_refuses(
    policed: Api, found: FoundRule
) -> None:
    seen = {True: 0, False: 0}
    for today, fixture in objects_of(found):
        if fixture["kind"] not in found.rule.objects:
            continue
        item = completed(fixture, namespace_of(found))
        refused = bool(audited(found, [from_object(item)], today))
        if policed.create(item).status_code == 422:
            continue  # no object that any API server would take, whatever rules say of it
        if refused:
            eventually(lambda item=item: not policed.create(item).is_success)
        answered = policed.create(item)
        assert answered.is_success is not refused, answered.text
        assert (f": {found.rule.id}: " in answered.text) is refused, answered.text
        seen[refused] += 1
    assert min(seen.values()) >= 1, seen
