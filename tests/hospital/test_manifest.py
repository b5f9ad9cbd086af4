"""Kubernetes objects as rules read them: nothing that a pod holds may be missed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hospital.manifest import (
    containers,
    context,
    long_running,
    name_of,
    namespace_of,
    normal,
    pod_of,
    quantity,
    selects,
    template_labels,
)
from hospital.rule import PODS

POD = {
    "containers": [{"name": "main"}],
    "initContainers": [{"name": "first"}],
    "ephemeralContainers": [{"name": "debug"}],
}
META = {"labels": {"app": "his"}}


def holder(kind: str) -> dict[str, Any]:
    template = {"metadata": META, "spec": POD}
    if kind == "Pod":
        return {"kind": kind, **template}
    spec: dict[str, Any] = {"template": template}
    if kind == "CronJob":
        spec = {"jobTemplate": {"spec": spec}}
    return {"kind": kind, "metadata": {"labels": {"app": "not-the-pods"}}, "spec": spec}


def test_null_is_absent_at_every_depth_and_false_is_not() -> None:
    given = {"a": None, "b": [None, {"c": None, "d": False}], "e": ({"f": 0},), "g": ""}
    assert normal(given) == {"b": [{"d": False}], "e": [{"f": 0}], "g": ""}


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"name": "his"}, "his"),
        ({"name": "his", "generateName": "h-"}, "his"),
        ({"generateName": "h-"}, "h-*"),
        ({}, "?"),
    ],
)
def test_an_object_is_called_by_its_name_or_by_what_generates_it(
    metadata: dict[str, str], name: str
) -> None:
    assert name_of({"metadata": metadata}) == name


def test_an_object_without_metadata_has_no_name_and_no_namespace() -> None:
    assert (name_of({}), namespace_of({})) == ("?", "")
    assert namespace_of({"metadata": {"namespace": "hospital-his"}}) == "hospital-his"


@pytest.mark.parametrize("kind", PODS)
def test_every_kind_that_holds_a_pod_shows_its_spec_its_labels_and_all_its_containers(
    kind: str,
) -> None:
    item = holder(kind)
    assert pod_of(item) == POD
    assert template_labels(item) == {"app": "his"}
    assert [one["name"] for one in containers(item)] == ["first", "main", "debug"]
    assert [one["name"] for one in long_running(item)] == ["main"]


@pytest.mark.parametrize("kind", PODS)
def test_what_holds_no_pod_cannot_be_judged_and_has_no_labels(kind: str) -> None:
    with pytest.raises(KeyError):
        pod_of({"kind": kind})
    assert template_labels({"kind": kind}) == {}


def test_a_container_overrides_the_setting_of_its_pod_and_inherits_the_others() -> None:
    pod = {"securityContext": {"runAsNonRoot": True, "runAsUser": 1}}
    item = {"kind": "Pod", "spec": pod}
    container = {"securityContext": {"runAsUser": 0, "privileged": False}}
    assert context(item, container) == {"runAsNonRoot": True, "runAsUser": 0, "privileged": False}
    assert context(item, {}) == pod["securityContext"]
    assert context({"kind": "Pod", "spec": {}}, {}) == {}


LABELS = {"app": "his", "tier": "A"}


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ({}, True),
        ({"matchLabels": {}, "matchExpressions": []}, True),
        ({"matchLabels": {"app": "his"}}, True),
        ({"matchLabels": {"app": "his", "tier": "B"}}, False),
        ({"matchLabels": {"absent": ""}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["lis", "his"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["lis"]}]}, False),
        ({"matchExpressions": [{"key": "absent", "operator": "In", "values": ["x"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["lis"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["his"]}]}, False),
        ({"matchExpressions": [{"key": "absent", "operator": "NotIn", "values": ["x"]}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "absent", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "absent", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Resembles", "values": ["his"]}]}, False),
        ({"matchExpressions": [{"key": "app"}]}, False),
        (
            {
                "matchLabels": {"app": "his"},
                "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}],
            },
            False,
        ),
    ],
)
def test_a_selector_selects_what_meets_all_of_it(selector: dict[str, Any], chosen: bool) -> None:
    assert selects(selector, LABELS) is chosen


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (2, "2"),
        (0.5, "0.5"),
        ("0", "0"),
        ("+1", "1"),
        ("-1", "-1"),
        (".5", "0.5"),
        ("5.", "5"),
        ("500m", "0.5"),
        ("100u", "0.0001"),
        ("1n", "0.000000001"),
        ("1k", "1000"),
        ("1M", "1000000"),
        ("1G", "1000000000"),
        ("1T", "1000000000000"),
        ("1P", "1000000000000000"),
        ("1E", "1000000000000000000"),
        ("1Ki", "1024"),
        ("1Mi", "1048576"),
        ("1.5Gi", "1610612736"),
        ("1Ti", "1099511627776"),
        ("1Pi", "1125899906842624"),
        ("1Ei", "1152921504606846976"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("12e-1", "1.2"),
        (" 64Mi ", "67108864"),
    ],
)
def test_a_quantity_is_read_in_every_spelling(written: str | float, value: str) -> None:
    assert quantity(written) == Decimal(value)


@pytest.mark.parametrize(
    "written", ["", "Mi", "1mi", "1K", "1KiB", "1 Gi", "1e", "1e3k", "0x10", "lots", "1,5Gi"]
)
def test_what_is_no_quantity_raises(written: str) -> None:
    with pytest.raises(ValueError, match="is no quantity"):
        quantity(written)
