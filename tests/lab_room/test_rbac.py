"""Rights are those that the work needs: nobody of ours may do everything, anywhere."""

from __future__ import annotations

from typing import Any

import pytest

from lab import rbac

OPERATORS = "xinglin:operators"
PULUMI = "xinglin:pulumi"


def rules(objects: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [
        rule
        for item in objects
        if item["kind"] in ("ClusterRole", "Role") and item["metadata"]["name"] == name
        for rule in item["rules"]
    ]


def may(objects: list[dict[str, Any]], name: str, verb: str, group: str, resource: str) -> bool:
    return any(
        verb in rule["verbs"]
        and group in rule.get("apiGroups", ())
        and resource in rule.get("resources", ())
        for rule in rules(objects, name)
    )


@pytest.mark.parametrize("objects", [rbac.site_objects(), rbac.hub_objects()])
def test_no_role_of_ours_holds_a_wildcard(objects: list[dict[str, Any]]) -> None:
    for item in objects:
        for rule in item.get("rules", ()):
            for part in ("verbs", "apiGroups", "resources", "nonResourceURLs"):
                assert "*" not in rule.get(part, ())
        if item["kind"].endswith("Binding"):
            assert item["roleRef"]["name"] != "cluster-admin"


@pytest.mark.parametrize("objects", [rbac.site_objects(), rbac.hub_objects()])
@pytest.mark.parametrize("name", ["xinglin:auditor", "xinglin:sre", OPERATORS])
def test_only_shape_may_read_secrets(objects: list[dict[str, Any]], name: str) -> None:
    assert not may(objects, name, "get", "", "secrets")


def test_shape_reads_the_database_accounts_by_name_and_lists_no_secret() -> None:
    about = [rule for rule in rules(rbac.site_objects(), "xinglin:pulumi")
             if "secrets" in rule.get("resources", ())]  # fmt: skip

    assert [sorted(rule["verbs"]) for rule in about] == [["create", "get", "patch"]]
    assert "his-database" in about[0]["resourceNames"]


def test_operators_move_places_and_not_shapes() -> None:
    site = rbac.site_objects()

    assert may(site, OPERATORS, "patch", "apps", "deployments/scale")
    assert not may(site, OPERATORS, "patch", "apps", "deployments")
    assert not may(site, OPERATORS, "create", "", "namespaces")


def test_evidence_is_written_once_and_never_changed() -> None:
    hub = rbac.hub_objects()

    assert may(hub, OPERATORS, "create", "", "configmaps")
    for verb in ("update", "patch", "delete"):
        assert not may(hub, OPERATORS, verb, "", "configmaps")


def test_people_ask_for_actions_and_auditors_do_not() -> None:
    hub = rbac.hub_objects()

    assert may(hub, "xinglin:sre", "create", "xinglin.dev", "recoveryactions")
    assert not may(hub, "xinglin:auditor", "create", "xinglin.dev", "recoveryactions")
    assert not may(hub, "xinglin:sre", "patch", "xinglin.dev", "workloads")


def test_people_ask_for_migrations_and_order_them_and_operators_record_them() -> None:
    hub = rbac.hub_objects()

    assert may(hub, "xinglin:sre", "create", "xinglin.dev", "migrations")
    assert may(hub, "xinglin:sre", "patch", "xinglin.dev", "migrations")
    assert may(hub, PULUMI, "create", "xinglin.dev", "migrations")
    assert not may(hub, PULUMI, "patch", "xinglin.dev", "migrations")
    assert not may(hub, PULUMI, "delete", "xinglin.dev", "migrations")
    assert not may(hub, "xinglin:sre", "patch", "xinglin.dev", "migrations/status")
    assert may(hub, OPERATORS, "patch", "xinglin.dev", "migrations/status")
    assert not may(hub, OPERATORS, "create", "xinglin.dev", "migrations")
    assert may(hub, "xinglin:auditor", "list", "xinglin.dev", "migrations")
    assert not may(hub, "xinglin:auditor", "patch", "xinglin.dev", "migrations")
