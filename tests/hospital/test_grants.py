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


@pytest.mark.parametrize(
    ("name", "marked", "found"),
    [
        ("system:controller:job-controller", True, True),
        ("edit", True, True),
        ("edit", False, False),
        ("ours", True, False),
    ],
)
def test_built_in_is_what_bears_the_servers_mark_and_one_of_its_names(
    name: str, marked: bool, found: bool
) -> None:
    labels = {"kubernetes.io/bootstrapping": "rbac-defaults"} if marked else {}
    item = {"metadata": {"name": name, "labels": labels}, "rules": [rule([""], ["x"], ["get"])]}
    assert built_in(item) is found
    assert bool([*granted(item, {"x"}, READ)]) is not found
