"""The rules over control planes, before a real API server that nobody hardened.

Its flags are the defaults of Kubernetes and a few bad habits, so that every finding is about a
value that the server itself reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from console import clusters
from hospital.rule import Kind
from hospital.surveyed.cluster import SurveyedCluster
from policies.intake import from_object
from policies.judgement import judge
from policies.nouns import from_clusters
from policies.rules import all_rules
from providers.access import Access
from providers.kubernetes import PULUMI, Ref
from stacks.estate import read_estate

pytestmark = [
    pytest.mark.lab,
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1"]),
]

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"
IN_CLEAR = {  # the trap: a provider is configured, and the first one encrypts nothing
    "apiVersion": "apiserver.config.k8s.io/v1",
    "kind": "EncryptionConfiguration",
    "resources": [{"resources": ["secrets"], "providers": [{"identity": {}}]}],
}
TODAY = date(2026, 11, 25)
HABITS = ("--token-auth-file={directory}/tokens.csv", "--profiling=true",
          "--encryption-provider-config={directory}/encryption.json")  # fmt: skip


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory, adapters: Any) -> Iterator[Any]:
    """An API server with those habits, and a Secret in it."""
    if not adapters.KUBE.exists():
        pytest.skip("the toolchain's kube is not built")

    class Careless(adapters.ApiServer):  # type: ignore[misc]
        def _run(self, name: str, *arguments: str) -> None:
            habits = [habit.format(directory=self.directory) for habit in HABITS]
            super()._run(name, *arguments, *(habits if name == "kube-apiserver" else ()))

    server = Careless(tmp_path_factory.mktemp("careless"))
    (server.directory / "tokens.csv").write_text("secret,somebody,1\n", encoding="ascii")
    (server.directory / "encryption.json").write_text(json.dumps(IN_CLEAR), encoding="ascii")
    try:
        server.start()
        named = {"name": "some", "namespace": "default"}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": named, "type": "Opaque"}
        server.cluster().apply([secret], field_manager=PULUMI)
        yield server
    finally:
        server.kill()


def look(server: Any, access: Access) -> tuple[tuple[SurveyedCluster, ...], tuple[str, ...]]:
    estate = read_estate(LAB)
    site = estate.sites[0]
    ends = replace(site.endpoints, kubernetes=server.endpoint, hub="https://127.0.0.1:1")
    return clusters.look(replace(estate, sites=(replace(site, endpoints=ends),)), access)


def test_what_nobody_hardened_is_found(careless: Any) -> None:
    seen, silent = look(careless, careless.admin)
    assert [each.name for each in seen] == ["site@campus-x86"]
    assert len(silent) == 1
    assert silent[0].startswith("hub@campus-x86: ")
    assert seen[0].facts.secret_writers == ("",)
    rules = [found for found in all_rules() if Kind.CLUSTER in found.rule.kinds]
    judgement = judge(rules, from_clusters(seen), today=TODAY)
    assert {each.rule.id for each in judgement.findings if each.refuses} == {
        "admission_stands",  # ServiceAccount is off
        "apiserver_no_static_token",
        "apiserver_serves_no_debugging",
        "cluster_audited",
        "kubelet_confined_to_its_node",
        "kubelet_reached_by_mutual_tls",
        "secrets_encrypted_in_store",  # although a provider is configured
        "store_reached_by_mutual_tls",
        "third_gate_in_place",
        "token_lives_an_hour",
    }


def test_what_an_api_server_does_not_tell_is_found_and_not_taken_for_good(careless: Any) -> None:
    assert careless.authority is not None
    stranger = Access(careless.authority.issue("stranger"))
    (seen,), _ = look(careless, stranger)
    assert seen.facts.version.startswith("v1.")
    assert (seen.facts.flags, seen.facts.nodes, seen.facts.gate) == (None, None, None)
    rules = [found for found in all_rules() if Kind.CLUSTER in found.rule.kinds]
    judgement = judge(rules, from_clusters((seen,)), today=TODAY)
    silent = {each.rule.id for each in judgement.findings if each.refuses}
    refusing = {found.rule.id for found in rules if found.rule.level == "mandatory"}
    assert refusing - silent == {"kubernetes_version_supported"}


def test_a_right_that_somebody_added_to_a_built_in_role_is_found(careless: Any) -> None:
    rule = [found for found in all_rules() if found.rule.id == "builtin_role_unchanged"]
    cluster, version = careless.cluster(), "rbac.authorization.k8s.io/v1"

    def found() -> list[str]:
        roles = [from_object(item) for item in cluster.items(version, "ClusterRole")]
        assert len(roles) > 60
        return [each.reason.en for each in judge(rule, roles, today=TODAY).findings]

    assert found() == []
    ref = Ref(version, "ClusterRole", "system:node")
    rules = cluster.get(ref)["rules"]
    more = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}
    cluster.merge(ref, {"rules": [*rules, more]}, field_manager="kubectl-edit")
    assert found() == ["kubectl-edit wrote what system:node gives"]
    cluster.merge(ref, {"rules": rules}, field_manager="kube-apiserver")
    assert found() == []
