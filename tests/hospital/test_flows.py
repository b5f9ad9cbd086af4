"""What a NetworkPolicy lets through, with Kubernetes' own defaults."""

from __future__ import annotations

from typing import Any

import pytest

from hospital.flows import allowances, denied, directions, open_ends

BOTH = {"Ingress", "Egress"}


def policy(**spec: Any) -> dict[str, Any]:
    return {"kind": "NetworkPolicy", "metadata": {"name": "some"}, "spec": spec}


@pytest.mark.parametrize(
    ("spec", "governed"),
    [
        ({}, {"Ingress"}),
        ({"egress": []}, {"Ingress"}),
        ({"egress": [{}]}, BOTH),
        ({"policyTypes": []}, {"Ingress"}),
        ({"policyTypes": ["Egress"], "ingress": [{}]}, {"Egress"}),
        ({"policyTypes": ["Egress", "Ingress"]}, BOTH),
    ],
)
def test_directions_that_are_not_named_have_kubernetes_defaults(
    spec: dict[str, Any], governed: set[str]
) -> None:
    assert directions(policy(**spec)) == governed


def test_a_policy_of_another_product_governs_and_denies_nothing() -> None:
    other = policy(policyTypes=["Ingress"]) | {"apiVersion": "crd.projectcalico.org/v1"}
    assert directions(other) == denied(other) == frozenset()
    assert allowances(other, "Ingress") == ()


def test_an_allowance_for_a_direction_that_is_not_governed_is_none() -> None:
    assert allowances(policy(policyTypes=["Egress"], ingress=[{}]), "Ingress") == ()
    assert allowances(policy(ingress=[{}]), "Ingress") == ({},)


@pytest.mark.parametrize(
    ("spec", "closed"),
    [
        ({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}, BOTH),
        ({"podSelector": {"matchLabels": {}}}, {"Ingress"}),
        ({"podSelector": {}, "ingress": [{}]}, set()),
        ({"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "egress": [{}]}, {"Ingress"}),
        ({"podSelector": {"matchLabels": {"app": "his"}}, "policyTypes": ["Ingress"]}, set()),
        ({}, {"Ingress"}),
    ],
)
def test_a_policy_denies_what_it_governs_for_all_pods_and_does_not_allow(
    spec: dict[str, Any], closed: set[str]
) -> None:
    assert denied(policy(**spec)) == closed


@pytest.mark.parametrize(
    ("peer", "anybody"),
    [
        ({"ipBlock": {"cidr": "0.0.0.0/0"}}, "0.0.0.0/0"),
        ({"ipBlock": {"cidr": "10.1.2.3/0"}}, "10.1.2.3/0"),
        ({"ipBlock": {"cidr": "::/0", "except": ["fd00::/8"]}}, "::/0"),
        ({"ipBlock": {"cidr": "0.0.0.0/1"}}, "0.0.0.0/1"),
        ({"ipBlock": {"cidr": "10.0.0.0/8"}}, ""),
        ({"ipBlock": {"cidr": "fc00::/7"}}, ""),
        ({"namespaceSelector": {}}, "namespaceSelector: {}"),
        ({"namespaceSelector": {"matchLabels": {}}, "podSelector": {}}, "namespaceSelector: {}"),
        ({"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}}, ""),
        ({"namespaceSelector": {"matchLabels": {"a": "b"}}}, ""),
        ({"podSelector": {}}, ""),
    ],
)
def test_anybody_is_recognised_however_it_is_written(peer: dict[str, Any], anybody: str) -> None:
    expected = [f"ingress[0] {anybody}"] if anybody else []
    assert [*open_ends(policy(ingress=[{"from": [peer]}]), "Ingress")] == expected


def test_no_list_of_peers_and_an_empty_one_mean_everybody() -> None:
    given = policy(egress=[{"ports": [{"port": 53}]}, {"to": []}, {"to": [{"podSelector": {}}]}])
    assert [*open_ends(given, "Egress")] == ["egress[0] to: []", "egress[1] to: []"]


def test_a_block_that_is_no_range_of_addresses_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/33"):
        [*open_ends(policy(ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.0/33"}}]}]), "Ingress")]
