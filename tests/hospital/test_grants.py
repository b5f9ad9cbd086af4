"""What a role gives: stars, groups, subresources and names as the API server reads them."""

from __future__ import annotations

from typing import Any

import pytest

from hospital.grants import READ, built_in, granted


def role(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "ClusterRole", "metadata": {"name": "some"}, "rules": list(rules)}


def rule(
    groups: list[str], resources: list[str], verbs: list[str], names: list[str] | None = None
) -> dict[str, Any]:
    found = {"apiGroups": groups, "resources": resources, "verbs": verbs}
    return found | ({"resourceNames": names} if names else {})


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (rule([""], ["secrets"], ["get", "create"]), [("secrets", "get")]),
        (rule([""], ["secrets"], ["watch", "get"]), [("secrets", "get, watch")]),
        (rule(["*"], ["secrets"], ["*"]), [("secrets", "*")]),
        (rule(["apps"], ["secrets"], ["get"]), []),
        (rule([""], ["secrets"], ["create"]), []),
        (rule([""], ["*"], ["get"]), []),
        (rule([""], ["secrets/status"], ["get"]), []),
        ({"nonResourceURLs": ["*"], "verbs": ["get"]}, []),
    ],
)
def test_a_thing_is_given_if_it_is_named_with_its_group_and_a_verb(
    given: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert [*granted(role(given), {"secrets"}, READ)] == found


def test_a_star_before_a_subresource_names_it_of_everything() -> None:
    given = role(rule([""], ["*/exec", "*/log", "pods/exec"], ["create"]))
    found = [what for what, _ in granted(given, {"pods/exec"}, {"create"})]
    assert found == ["*/exec", "pods/exec"]


def test_rights_over_listed_objects_count_only_if_they_are_asked_for() -> None:
    given = role(rule([""], ["secrets"], ["get"], ["one"]))
    assert [*granted(given, {"secrets"}, READ)] == [("secrets", "get")]
    assert [*granted(given, {"secrets"}, READ, listed=False)] == []


def test_every_rule_of_a_role_is_read() -> None:
    given = role(rule(["apps"], ["deployments"], ["get"]), rule([""], ["secrets"], ["list"]))
    assert [*granted(given, {"secrets"}, READ)] == [("secrets", "list")]


LABELS = {"kubernetes.io/bootstrapping": "rbac-defaults"}
KEPT = {"rbac.authorization.kubernetes.io/autoupdate": "true"}


def marked(name: str, *, kind: str = "ClusterRole", **metadata: Any) -> dict[str, Any]:
    around = {"name": name, "labels": LABELS, "annotations": KEPT} | metadata
    return {"kind": kind, "metadata": around, "rules": [rule([""], ["x"], ["get"])]}


@pytest.mark.parametrize("name", ["system:kube-controller-manager", "edit"])
def test_built_in_is_what_the_api_server_makes_and_keeps(name: str) -> None:
    assert built_in(marked(name))
    assert [*granted(marked(name), {"x"}, READ)] == []


@pytest.mark.parametrize(
    "item",
    [
        marked("ours"),
        marked("system:backdoor"),
        marked("system:controller:job-controller-2"),
        marked("edit", kind="Role", namespace="hospital-his"),
        marked("edit", labels={}),
        marked("edit", annotations={}),
        marked("edit", annotations={next(iter(KEPT)): "false"}),
    ],
    ids=["name", "prefix", "likeness", "in a namespace", "no label", "not kept", "kept no more"],
)
def test_a_role_that_only_looks_built_in_is_judged(item: dict[str, Any]) -> None:
    assert not built_in(item)
    assert [*granted(item, {"x"}, READ)] == [("x", "get")]
