"""What of a control plane is compared, and how its metrics are read."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from console.clusters import same, secret_writers
from policies.cel import admission_policies
from policies.webhook import configuration

HOOKS = configuration("https://10.1.0.1:9443", "")["webhooks"]
NEVER = {"name": "never", "expression": "false"}
BOUND = next(
    item["spec"]
    for item in admission_policies()
    if item["kind"] == "ValidatingAdmissionPolicyBinding"
)


def line(kind: str, prefix: str, *, resource: str = "secrets") -> str:
    labels = f'resource="{resource}",status="OK",transformation_type="{kind}"'
    name = "apiserver_storage_transformation_operations_total"
    return f'{name}{{{labels},transformer_prefix="{prefix}"}} 3\n'


def test_how_secrets_were_written_is_read_from_the_metrics() -> None:
    told = "# TYPE apiserver_storage_transformation_operations_total counter\n"
    told += line("to_storage", "k8s:enc:secretbox:v1:") + line("to_storage", "")
    told += line("from_storage", "identity")
    told += line("to_storage", "k8s:enc:kms:v2:", resource="configmaps")
    assert secret_writers(told) == ("", "k8s:enc:secretbox:v1:")
    assert secret_writers("") == ()


def test_what_an_api_server_adds_by_itself_is_no_change() -> None:
    found = deepcopy(HOOKS)
    found[0] |= {"objectSelector": {}}
    assert same(HOOKS, found)
    bound = deepcopy(BOUND)
    bound["matchResources"] |= {"matchPolicy": "Equivalent", "objectSelector": {}}
    assert same(BOUND, bound)
    assert same({"variables": []}, {})


def opened(**changes: Any) -> list[dict[str, Any]]:
    found = deepcopy(HOOKS)
    found[0] |= changes
    return found


@pytest.mark.parametrize(
    "found",
    [
        opened(failurePolicy="Ignore"),
        opened(objectSelector={"matchLabels": {"judged": "yes"}}),
        opened(namespaceSelector={}),
        opened(
            matchConditions=[*HOOKS[0]["matchConditions"], {"name": "x", "expression": "false"}]
        ),
        opened(rules=HOOKS[0]["rules"][1:]),
        opened(timeoutSeconds=1),
        HOOKS[1:],
        [],
    ],
    ids=["open", "objects", "everywhere", "condition", "kinds", "time", "one gone", "all gone"],
)
def test_a_gate_that_lets_more_pass_is_a_change(found: list[dict[str, Any]]) -> None:
    assert not same(HOOKS, found)


def test_a_policy_that_only_warns_is_a_change() -> None:
    assert not same(BOUND, BOUND | {"validationActions": ["Warn"]})
